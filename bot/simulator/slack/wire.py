"""What a message, channel or user looks like in the answers of the Web API and to the page."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from .people import BOT_USER, User
from .values import APP_ID, BOT_ID, TEAM_ID, Channel, Json, Message
from .workspace import Workspace


def api_message(workspace: Workspace, channel: Channel, message: Message, *, metadata: bool = False) -> Json:
    """Return a message as the Web API shows it; ``metadata`` only on demand, as in Slack."""
    wire: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "team": TEAM_ID,
        "text": message.text,
    }
    if message.user == BOT_USER:
        wire |= {"bot_id": BOT_ID, "app_id": APP_ID}
    optional: Json = {
        "blocks": message.blocks,
        "attachments": message.attachments,
        "files": [{"id": file_id} for file_id in message.files],
        "thread_ts": message.thread_ts,
        "edited": message.edited and {"user": message.user, "ts": message.ts},
        "reactions": _reactions(message),
        "metadata": metadata and message.metadata,
        "subtype": _subtype(message),
    }
    return (
        wire
        | {name: value for name, value in optional.items() if value}
        | _thread(workspace, channel, message)
    )


def page_message(message: Message, reply_count: int) -> Json:
    """Return a message as the page draws it, replies and ephemerals included."""
    return {
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "thread_ts": message.thread_ts,
        "reply_count": reply_count,
        "edited": message.edited,
        "ephemeral_to": message.ephemeral_to,
        "broadcast": message.broadcast,
        "metadata": message.metadata,
        "reactions": _reactions(message),
        "files": list(message.files),
    }


def api_channel(channel: Channel, *, is_member: bool) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_private": False,
        "is_archived": False,
        "is_general": channel.name == "general",
        "is_member": is_member,
        "topic": {"value": ""},
        "purpose": {"value": ""},
    }


def api_user(user: User, at: float) -> Json:
    """Return a user with the offset of the time zone at that instant, in seconds."""
    offset = datetime.fromtimestamp(at, tz=UTC).astimezone(ZoneInfo(user.tz)).utcoffset()
    return {
        "id": user.id,
        "team_id": TEAM_ID,
        "name": user.name,
        "real_name": user.real_name,
        "color": user.color.lstrip("#"),
        "deleted": False,
        "is_bot": user.is_bot,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
        "profile": {"real_name": user.real_name, "display_name": user.name, "team": TEAM_ID},
    }


def _thread(workspace: Workspace, channel: Channel, message: Message) -> Json:
    replies = workspace.replies(channel, message.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }


def _reactions(message: Message) -> list[Json]:
    names = dict.fromkeys(name for name, _ in message.reactions)
    by_name = {name: [user for given, user in message.reactions if given == name] for name in names}
    return [{"name": name, "users": users, "count": len(users)} for name, users in by_name.items()]


def _subtype(message: Message) -> str | None:
    if message.tombstone:
        return "tombstone"
    return "thread_broadcast" if message.broadcast else None
