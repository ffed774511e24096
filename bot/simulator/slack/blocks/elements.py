"""Composition objects and block elements: texts, options, buttons, menus, inputs.

Source of the numbers: the reference pages of Block Kit at docs.slack.dev.
"""

from .checks import Check, any_field, anything, boolean, by_type, every, integer, items, one_of, shape, string

ID = string(255)


def plain(at_most: int, at_least: int = 1) -> Check:
    return by_type({"plain_text": shape({"text": string(at_most, at_least)}, {"emoji": boolean})})


def text(at_most: int) -> Check:
    return by_type(
        {
            "plain_text": shape({"text": string(at_most)}, {"emoji": boolean}),
            "mrkdwn": shape({"text": string(at_most)}, {"verbatim": boolean}),
        }
    )


CONFIRM = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = shape({"text": text(75), "value": string(150)}, {"description": text(75), "url": string(3000)})
GROUP = shape({"label": plain(75), "options": items(OPTION, 100)})
IMAGE_SOURCE = {
    "image_url": string(3000),
    "slack_file": every(shape({}, {"id": ID, "url": string(3000)}), any_field("id", "url")),
}
IMAGE = every(shape({"alt_text": string(2000)}, IMAGE_SOURCE), any_field("image_url", "slack_file"))

_ACTION = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean, "placeholder": plain(150)}
BUTTON = shape(
    {"text": plain(75)},
    {
        "action_id": ID,
        "url": string(3000),
        "value": string(2000, 0),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
OVERFLOW = shape({"options": items(OPTION, 5)}, {"action_id": ID, "confirm": CONFIRM})
_OPTIONS = {"options": items(OPTION, 100), "option_groups": items(GROUP, 100)}
STATIC_SELECT = every(
    shape({}, {**_ACTION, **_OPTIONS, "initial_option": OPTION}), any_field("options", "option_groups")
)
MULTI_STATIC_SELECT = every(
    shape(
        {},
        {
            **_ACTION,
            **_OPTIONS,
            "initial_options": items(OPTION, 100),
            "max_selected_items": integer(1, 100),
        },
    ),
    any_field("options", "option_groups"),
)
_TEN = {"options": items(OPTION, 10)}
RADIO = shape(_TEN, {**_ACTION, "initial_option": OPTION})
CHECKBOXES = shape(_TEN, {**_ACTION, "initial_options": items(OPTION, 10)})
PLAIN_TEXT_INPUT = shape(
    {},
    {
        "action_id": ID,
        "initial_value": string(3000, 0),
        "multiline": boolean,
        "min_length": integer(0, 3000),
        "max_length": integer(1, 3000),
        "dispatch_action_config": anything,
        "focus_on_load": boolean,
        "placeholder": plain(150),
    },
)
_TYPED = {
    "action_id": ID,
    "dispatch_action_config": anything,
    "focus_on_load": boolean,
    "placeholder": plain(150),
    "initial_value": string(3000, 0),
}
TYPED_INPUT = shape({}, _TYPED)
NUMBER_INPUT = shape(
    {"is_decimal_allowed": boolean}, {**_TYPED, "min_value": string(30), "max_value": string(30)}
)
DATEPICKER = shape({}, {**_ACTION, "initial_date": string(10)})
TIMEPICKER = shape({}, {**_ACTION, "initial_time": string(5), "timezone": string(100)})
DATETIMEPICKER = shape({}, {**_ACTION, "initial_date_time": integer(0, 9_999_999_999)})
CHANNELS_SELECT = shape({}, {**_ACTION, "initial_channel": ID, "response_url_enabled": boolean})
CONVERSATIONS_SELECT = shape(
    {},
    {
        **_ACTION,
        "initial_conversation": ID,
        "default_to_current_conversation": boolean,
        "response_url_enabled": boolean,
        "filter": anything,
    },
)
USERS_SELECT = shape({}, {**_ACTION, "initial_user": ID})

MENUS = {
    "overflow": OVERFLOW,
    "static_select": STATIC_SELECT,
    "radio_buttons": RADIO,
    "checkboxes": CHECKBOXES,
    "datepicker": DATEPICKER,
    "timepicker": TIMEPICKER,
    "datetimepicker": DATETIMEPICKER,
    "channels_select": CHANNELS_SELECT,
    "conversations_select": CONVERSATIONS_SELECT,
    "users_select": USERS_SELECT,
}
INTERACTIVE = by_type({"button": BUTTON, **MENUS})
ACCESSORY = by_type({"button": BUTTON, "image": IMAGE, "multi_static_select": MULTI_STATIC_SELECT, **MENUS})
INPUT_ELEMENT = by_type(
    {
        "plain_text_input": PLAIN_TEXT_INPUT,
        "email_text_input": TYPED_INPUT,
        "url_text_input": TYPED_INPUT,
        "number_input": NUMBER_INPUT,
        "multi_static_select": MULTI_STATIC_SELECT,
        **{name: check for name, check in MENUS.items() if name != "overflow"},
    }
)
