"""A simulated call as Agora would tell it: sessions and series, and the same as a JSON body."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.diagnosis import media
from benchmarks.diagnosis.network import STEP_S, Floats, Links, Traffic, draw_links, run_traffic
from benchmarks.diagnosis.presence import Visit, visits_of
from benchmarks.diagnosis.telling import Told, add_up, joined, turned
from benchmarks.diagnosis.world import EPOCH, Scene
from bot.model.call import Call, CallDetails, Series, Session

REPORT_S = 2.0


@dataclass(slots=True)
class Recording:
    """What Agora's API would answer for the call of a scene."""

    scene: Scene
    visits: list[Visit]
    told: list[Told] = field(default_factory=list)

    def body(self) -> dict[str, Any]:
        """Return the body of call/details."""
        uids = self.scene.uids
        info = [
            {
                "sid": visit.sid,
                "cname": f"room{self.scene.seed}",
                "uid": uids[visit.user],
                "network": visit.network,
                "platform": visit.platform,
                "speaker": True,
                "sdk_version": "2.9.1",
                "device_type": visit.device,
                "join_ts": EPOCH + round(visit.joined + self.scene.skew_s[visit.user]),
                "leave_ts": EPOCH + round(visit.left + self.scene.skew_s[visit.user]),
                "finished": True,
            }
            for visit in sorted(self.visits, key=lambda visit: -visit.joined)
        ]
        data: dict[str, list[dict[str, Any]]] = {visit.sid: [] for visit in self.visits}
        for one in self.told:
            peer = 0 if one.peer < 0 else uids[one.peer]
            kvs = [[EPOCH + round(t), round(float(v), 4)] for t, v in zip(one.ts, one.values, strict=True)]
            data[one.visit.sid].append({"mid": one.mid, "kvs": kvs, "peer_uid": peer})
        metrics = [{"sid": sid, "data": listed} for sid, listed in data.items() if listed]
        return {
            "code": 200,
            "message": "",
            "call_id": f"c{self.scene.seed}",
            "call_info": info,
            "metrics": metrics,
        }

    def details(self) -> CallDetails:
        """Return the call as the bot's parser would give it to the doctor."""
        uids = self.scene.uids
        sessions = tuple(
            Session(
                sid=visit.sid,
                uid=str(uids[visit.user]),
                network=visit.network,
                platform=visit.platform,
                device=visit.device,
                sdk="2.9.1",
                sender=True,
                joined_at=EPOCH + round(visit.joined + self.scene.skew_s[visit.user]),
                left_at=EPOCH + round(visit.left + self.scene.skew_s[visit.user]),
            )
            for visit in self.visits
        )
        series = tuple(self._series(one) for one in self.told)
        end = EPOCH + self.scene.duration_s
        name = f"c{self.scene.seed}"
        call = Call(call_id=name, cname=f"room{self.scene.seed}", started_at=EPOCH, ended_at=end)
        return CallDetails(call=call, sessions=sessions, series=series, cut=False)

    def _series(self, one: Told) -> Series:
        ts, first = np.unique(np.round(EPOCH + one.ts).astype(np.int64), return_index=True)
        peer = "0" if one.peer < 0 else str(self.scene.uids[one.peer])
        return Series(sid=one.visit.sid, mid=one.mid, peer_uid=peer, ts=ts, values=one.values[first])


class Studio:
    """Simulates one scene and writes down what its users would report."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.rng = np.random.default_rng(scene.seed + 7_000_003)
        self.links: Links = draw_links(scene, self.rng)
        self.steps = self.links.load.shape[1]
        self.base_fps = float(self.rng.choice([15, 24, 30]))
        self.audio_kbps = float(self.rng.uniform(24, 64))
        self.repair = float(self.rng.uniform(0.65, 0.95))
        self.visits = visits_of(scene, self.rng)
        self.present = self._present()
        self.video, self.audio, self.sharing = self._sending()
        self.fps = self.base_fps * self.video
        self.fps[self.sharing] = self.rng.uniform(3, 6)
        top = self.rng.uniform(600, 1200, (scene.users, 1)) * np.ones((1, self.steps))
        top[self.sharing] *= 1.2
        self.top = top * (0.35 + 0.65 * self.links.camera)
        self.traffic: Traffic = run_traffic(self.links, self.video, self.top, self.audio_kbps)

    def _present(self) -> Floats:
        present = np.zeros((self.scene.users, self.steps))
        for visit in self.visits:
            for start, end in visit.heard:
                present[visit.user, round(start / STEP_S) : round(end / STEP_S)] = 1
        return present

    def _sending(self) -> tuple[Floats, Floats, "np.ndarray[Any, np.dtype[np.bool_]]"]:
        video, audio = self.present.copy(), self.present.copy()
        sharing = np.zeros_like(video, dtype=np.bool_)
        if self.scene.audio_only:
            video[:] = 0
        for habit in self.scene.habits:
            span = slice(round(habit.start / STEP_S), round(habit.end / STEP_S))
            if habit.what == "stop_video":
                video[habit.user, span] = 0
            elif habit.what == "mute_audio":
                audio[habit.user, span] = 0
            elif habit.what == "share":
                sharing[habit.user, span] = not self.scene.audio_only
        return video, audio, sharing

    def record(self) -> Recording:
        """Return everything that is reported."""
        recording = Recording(self.scene, self.visits)
        shots = [
            media.capture_times(self.links, self.fps, user, self.rng) for user in range(self.scene.users)
        ]
        for visit in self.visits:
            for start, end in visit.heard:
                phase = self.rng.uniform(0, REPORT_S)
                edges = np.arange(start + phase, end + 0.01, REPORT_S)
                if len(edges) < 2:
                    continue
                self._own(recording, visit, edges, *shots[visit.user])
                for peer in range(self.scene.users):
                    if peer != visit.user:
                        self._peer(recording, visit, peer, edges, shots[peer][1])
        recording.told = joined(recording.told)
        if self.scene.variant.cumulative:
            add_up(recording.told)
        if self.scene.variant.turned:
            everything = self.scene.seed % 2 == 0
            recording.told = turned(recording.told, self.visits, everything=everything)
        return recording

    def _tell(
        self, recording: Recording, visit: Visit, mid: int, peer: int, edges: Floats, values: Floats
    ) -> None:
        kept = (self.rng.random(len(values)) >= self.scene.dropped) & np.isfinite(values)
        ts = edges[1:] + self.scene.skew_s[visit.user]
        recording.told.append(Told(visit, mid, peer, ts[kept], values[kept]))

    def _lost(self, chance: Floats, kbps: Floats | None = None) -> Floats:
        """Return a measured loss rate: a count out of the packets sent, of audio without a rate."""
        rate = kbps * REPORT_S / 8.8 if kbps is not None else np.full(len(chance), 50 * REPORT_S)
        packets = np.maximum(np.nan_to_num(rate), 1).astype(int)
        lost = self.rng.binomial(packets, np.clip(chance, 0, 1)) / packets
        return np.asarray(lost if self.scene.variant.fraction else lost * 100)

    def _own(self, recording: Recording, visit: Visit, edges: Floats, taken: Floats, kept: Floats) -> None:
        user, t = visit.user, self.traffic
        load = media.mean_over(self.links.load[user], edges)
        if user not in self.scene.no_cpu:
            system = np.clip(load * 100 + self.rng.normal(0, 2, len(load)), 1, 100)
            self._tell(recording, visit, 20002, -1, edges, system)
            self._tell(recording, visit, 20001, -1, edges, system * 0.55)
        talking = media.mean_over(self.audio[user], edges)
        audio = self.audio_kbps * np.where(talking > 0.5, 1, 0) * self.rng.uniform(0.9, 1.1, len(load))
        loss = media.mean_over(media.path_loss(self.links, t, user), edges)
        self._tell(recording, visit, 20003, -1, edges, audio)
        self._tell(recording, visit, 20015, -1, edges, self._lost(loss))
        if self.scene.audio_only:
            return
        sent = media.mean_over(t.rate[user], edges) * self.rng.uniform(0.93, 1.07, len(load))
        top = media.mean_over(self.top[user], edges)
        self._tell(recording, visit, 20006, -1, edges, np.round(sent))
        self._tell(recording, visit, 20007, -1, edges, np.rint(media.count_in(taken, edges) / REPORT_S))
        self._tell(recording, visit, 20008, -1, edges, np.rint(media.count_in(kept, edges) / REPORT_S))
        on = sent > 5
        quality = np.where(on, 26 + 7 * np.log2(np.clip(top / np.maximum(sent, 20), 0.5, 16)), np.nan)
        self._tell(recording, visit, 20013, -1, edges, np.rint(quality).astype(np.float64))
        self._tell(recording, visit, 20017, -1, edges, np.where(on, self._lost(loss, sent), np.nan))

    def _peer(self, recording: Recording, visit: Visit, peer: int, edges: Floats, sent: Floats) -> None:
        scene, t, receiver = self.scene, self.traffic, visit.user
        up = media.path_loss(self.links, t, peer)
        down = 1 - (1 - self.links.down_loss[receiver]) * (1 - t.down_lost[receiver])
        whole = 1 - (1 - up) * (1 - down)
        delay = self.links.up_delay[peer] + t.up_queue[peer] + self.links.down_delay[receiver]
        delay = delay + t.down_queue[receiver] + 0.03
        left = media.unrepaired(whole, self.repair) if scene.variant.repaired else 1.0
        told = media.mean_over(whole * left, edges)
        there = media.mean_over(self.present[peer], edges) > 0
        talking = (media.mean_over(self.audio[peer], edges) > 0.5) & there
        heard = np.where(talking, self.audio_kbps * (1 - told_or_zero(told, scene)), 0.0)
        known = np.where(there, 1.0, np.nan)
        self._tell(recording, visit, 20004, peer, edges, heard * known)
        self._tell(recording, visit, 20016, peer, edges, np.where(talking, self._lost(told), np.nan))
        silent = media.audio_frozen_ms(whole, delay, self.repair, edges, self.rng)
        self._tell(recording, visit, 20005, peer, edges, np.where(talking, silent, 0.0) * known)
        if scene.audio_only:
            return
        low = self._low(receiver, peer)
        passed = t.passed[receiver, peer]
        rate = np.where(low > 0, np.minimum(150.0, t.rate[peer]), t.rate[peer] * passed)
        chosen = sent[
            self.rng.random(len(sent))
            < np.interp(sent, np.arange(self.steps) * STEP_S, np.clip(passed * 1.3, 0.45, 1))
        ]
        frames = media.arrivals(chosen, rate, whole, delay, self.base_fps, self.repair, self.rng)
        shown = media.rendered(frames, self.links.drawing[receiver], scene.users - 1, self.rng)
        kbps = media.mean_over(rate * (1 - whole * (1 - self.repair)), edges)
        kbps *= self.rng.uniform(0.95, 1.05, len(kbps))
        fps = media.count_in(frames, edges) / REPORT_S
        on = media.mean_over(self.video[peer], edges) > 0.2
        self._tell(recording, visit, 20009, peer, edges, np.where(on, np.round(kbps), 0.0) * known)
        self._tell(recording, visit, 20010, peer, edges, np.where(on, np.round(fps), 0.0) * known)
        self._tell(recording, visit, 20018, peer, edges, np.where(on, self._lost(told, kbps), np.nan))
        frozen = media.frozen_ms(shown, self._wanted(peer), 0.6, edges)
        if scene.variant.gated:
            frozen = np.where(media.count_in(sent, edges) / REPORT_S > 5, frozen, 0.0)
        self._tell(recording, visit, 20011, peer, edges, np.round(frozen) * known)
        self._size(recording, visit, peer, edges, rate, on)

    def _wanted(self, peer: int) -> Floats:
        """Return when others expect frames: for ten seconds after a connection is lost, too."""
        wanted = self.video[peer].copy()
        for visit in self.visits:
            if visit.user == peer:
                for start, end in visit.expected:
                    wanted[round(start / STEP_S) : round(end / STEP_S)] = 1
        return np.asarray(wanted)

    def _low(self, receiver: int, peer: int) -> Floats:
        low = np.zeros(self.steps)
        for habit in self.scene.habits:
            if habit.what == "low_stream" and (habit.user, habit.peer) == (receiver, peer):
                low[round(habit.start / STEP_S) : round(habit.end / STEP_S)] = 1
        return low

    def _size(
        self,
        recording: Recording,
        visit: Visit,
        peer: int,
        edges: Floats,
        rate: Floats,
        on: "np.ndarray[Any, np.dtype[np.bool_]]",
    ) -> None:
        share = media.mean_over(rate / np.maximum(self.top[peer], 1), edges)
        shared = media.mean_over(self.sharing[peer].astype(float), edges) > 0.5
        height = np.where(share > 0.55, 720, np.where(share > 0.25, 360, 180))
        height = np.where(shared, 1080, height)
        self._tell(recording, visit, 20020, peer, edges, np.where(on, height, np.nan))
        self._tell(recording, visit, 20019, peer, edges, np.where(on, height * 16 / 9, np.nan))


def told_or_zero(told: Floats, scene: Scene) -> Floats:
    """Return the part of the audio that does not arrive."""
    return np.clip(told * (1.0 if scene.variant.repaired else 0.4), 0, 1)


def record(scene: Scene) -> Recording:
    """Return what is reported of the call of a scene."""
    return Studio(scene).record()
