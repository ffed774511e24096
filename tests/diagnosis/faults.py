"""One textbook call for each cause, with user 1001 or 1002 at fault from second 100 to 160."""

from itertools import pairwise

import numpy as np

from tests.diagnosis.textbook import Textbook, session

START_S, END_S = 100, 160
SPAN = (START_S, END_S)


def uplink_loss(users: int = 4) -> Textbook:
    book = Textbook(users).own(0, 20017, 14.0, *SPAN).own(0, 20015, 13.0, *SPAN)
    book.heard(-1, 0, 20018, 15.0, *SPAN).heard(-1, 0, 20016, 14.0, *SPAN)
    return book.heard(-1, 0, 20011, 500.0, *SPAN).heard(-1, 0, 20010, 9.0, *SPAN)


def uplink_bandwidth(users: int = 4) -> Textbook:
    book = Textbook(users).own(0, 20006, 200.0, *SPAN).own(0, 20013, 42.0, *SPAN)
    book.heard(-1, 0, 20009, 195.0, *SPAN).heard(-1, 0, 20020, 360.0, *SPAN)
    return book.heard(-1, 0, 20019, 640.0, *SPAN).heard(-1, 0, 20011, 300.0, *SPAN)


def uplink_jitter(users: int = 4) -> Textbook:
    return Textbook(users).heard(-1, 0, 20011, 600.0, *SPAN).heard(-1, 0, 20010, 10.0, *SPAN)


def sender_cpu(users: int = 4) -> Textbook:
    book = Textbook(users).own(0, 20002, 96.0, *SPAN).own(0, 20001, 80.0, *SPAN).own(0, 20008, 5.0, *SPAN)
    return book.heard(-1, 0, 20010, 5.0, *SPAN)


def camera(users: int = 4) -> Textbook:
    book = Textbook(users).own(0, 20007, 4.0, *SPAN).own(0, 20008, 4.0, *SPAN).own(0, 20006, 400.0, *SPAN)
    return book.heard(-1, 0, 20010, 4.0, *SPAN).heard(-1, 0, 20009, 400.0, *SPAN)


def downlink_loss(users: int = 4) -> Textbook:
    book = Textbook(users).heard(1, -1, 20018, 15.0, *SPAN).heard(1, -1, 20016, 14.0, *SPAN)
    return book.heard(1, -1, 20011, 500.0, *SPAN).heard(1, -1, 20010, 10.0, *SPAN)


def downlink_bandwidth(users: int = 4) -> Textbook:
    book = Textbook(users).heard(1, -1, 20009, 250.0, *SPAN).heard(1, -1, 20020, 360.0, *SPAN)
    book.heard(1, -1, 20019, 640.0, *SPAN)
    return book.heard(1, -1, 20011, 400.0, *SPAN).heard(1, -1, 20010, 9.0, *SPAN)


def downlink_jitter(users: int = 4) -> Textbook:
    return Textbook(users).heard(1, -1, 20011, 600.0, *SPAN).heard(1, -1, 20010, 10.0, *SPAN)


def receiver_cpu(users: int = 4) -> Textbook:
    book = Textbook(users).own(1, 20002, 97.0, *SPAN).own(1, 20001, 85.0, *SPAN)
    return book.heard(1, -1, 20011, 600.0, *SPAN).heard(1, -1, 20010, 9.0, *SPAN)


def service(users: int = 4) -> Textbook:
    return Textbook(users).heard(-1, -1, 20011, 600.0, *SPAN).heard(-1, -1, 20018, 12.0, *SPAN)


def reconnect(users: int = 4) -> Textbook:
    book = Textbook(users)
    book.silent[0] = SPAN
    for receiver in range(1, users):
        for mid in (20009, 20010, 20004, 20011, 20005, 20016, 20018, 20019, 20020):
            book.values[receiver, mid, 0][START_S // 2 + 4 : END_S // 2] = np.nan
    return book.heard(-1, 0, 20011, 1900.0, START_S, START_S + 8)


def reconnect_anew(users: int = 4) -> Textbook:
    book = reconnect(users)
    book.stays = [session(user, 0, 300) for user in range(1, users)]
    book.stays += [session(0, 0, START_S + 15), session(0, END_S - 2, 300)]
    return book


def join_delay(users: int = 4) -> Textbook:
    book = Textbook(users)
    book.stays = [session(user, 0, 300) for user in range(1, users)]
    book.stays += [session(0, START_S, 300)]
    book.silent[0] = (0, START_S + 20)
    return book


def join_token(users: int = 4) -> Textbook:
    book = Textbook(users)
    book.stays = [session(user, 0, 300) for user in range(1, users)]
    book.stays += [session(0, START_S + 5 * n, START_S + 5 * n + 1) for n in range(3)]
    book.silent[0] = (0, 300)
    return book


def duplicate_uid(users: int = 4) -> Textbook:
    book = Textbook(users)
    book.stays = [session(user, 0, 300) for user in range(1, users)]
    edges = [0, 100, 112, 124, 136, 148, 300]
    for n, (joined, left) in enumerate(pairwise(edges)):
        book.stays.append(session(0, joined, left, "iPad" if n % 2 else "Pixel 8"))
    return book


FAULTS = {
    "uplink_loss": (uplink_loss, 0),
    "uplink_bandwidth": (uplink_bandwidth, 0),
    "uplink_jitter_latency": (uplink_jitter, 0),
    "sender_cpu": (sender_cpu, 0),
    "camera_capture": (camera, 0),
    "downlink_loss": (downlink_loss, 1),
    "downlink_bandwidth": (downlink_bandwidth, 1),
    "downlink_jitter_latency": (downlink_jitter, 1),
    "receiver_cpu": (receiver_cpu, 1),
    "service_or_shared": (service, None),
    "reconnect": (reconnect, 0),
    "join_delay": (join_delay, 0),
    "join_token": (join_token, 0),
    "duplicate_uid": (duplicate_uid, 0),
}
