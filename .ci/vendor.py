"""Drives the vendor's client against fake phones and says what is not as it should be; .ci/vendor runs it.

vendor.py COMMAND...: COMMAND with a phone's flags starts that phone. Phones read this computer's clock, so all is known of theirs.
"""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import time

import pupil_labs.realtime_api as api
from pupil_labs.realtime_api.models import Event, Recording
from pupil_labs.realtime_api.simple import discover_one_device
from pupil_labs.realtime_api.time_echo import TimeOffsetEstimator

MS = 1_000_000  # ns
done = failed = 0


def expect(what, ok, got=""):
    global done, failed
    done, failed = done + 1, failed + (not ok)
    print("ok  " if ok else "FAIL", what, "" if ok else f"got {got!r}", flush=True)


class Phone:
    """A fake phone, until its block ends. An end by interrupt is how it is meant to end: code 0."""

    def __init__(self, *flags):
        self.flags = flags

    def __enter__(self):
        self.process = subprocess.Popen([*sys.argv[1:], *self.flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.facts = json.loads(self.process.stdout.readline())
        self.host, _, port = self.facts["address"].rpartition(":")
        self.port = int(port)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(15)
        expect(f"code 0 of the phone {' '.join(self.flags)}", code == 0, code)

    def offset(self, host_ns):
        """Host minus phone in ns at an instant of the host's clock, as simulate's first line says it."""
        f = {k: int(self.facts[k]) for k in ("offset_ns", "drift_e18", "started_host_ns")}
        return f["offset_ns"] + f["drift_e18"] * (host_ns - f["started_host_ns"]) // 10**18


async def until(true, seconds=5):
    """Waits until true() is, and returns what it was last. The phone opens a recording 0.6 s after its start."""
    end = time.monotonic() + seconds
    while not (is_so := true()) and time.monotonic() < end:
        await asyncio.sleep(0.01)
    return is_so


async def refused(what, call, text):
    try:
        got = await call
    except api.DeviceError as e:
        got = e.args
    expect(f"{what} is refused: {text}", isinstance(got, tuple) and got[0] == 500 and text in got[1], got)


@contextlib.asynccontextmanager
async def updates(device):
    """The list that the websocket's components go to."""
    seen = []
    async with api.StatusUpdateNotifier(device, callbacks=[seen.append]):
        yield seen


def kinds(components):
    return [type(c).__name__ for c in components]


async def status(p, device, family):
    s = await device.get_status()
    expect("status: phone", (s.phone.device_id, s.phone.device_name, s.phone.ip, s.phone.battery_state, s.phone.time_echo_port)
           == ("fa4e000000000001", "Lab: phone no. 2", p.host, "OK", p.facts["time_echo_port"]), s.phone)
    glasses = {"invisible": ("1.0", None), "neon": ("2.0", "841684")}[family]
    module = s.hardware.module_serial if family == "neon" else None
    expect("status: hardware", (s.hardware.version, module) == glasses, s.hardware)
    direct = {x.sensor for x in s.sensors if x.conn_type == "DIRECT"}
    wanted = {"world", "gaze"} | ({"imu", "eyes", "eye_events"} if family == "neon" else set())
    expect("status: sensors", wanted <= direct and all(x.connected and not x.stream_error for x in s.sensors), s.sensors)
    expect("status: address of a stream", s.direct_gaze_sensor().url.startswith(f"rtsp://{p.host}:8086/?camera=gaze"), s.direct_gaze_sensor())
    expect("status: no recording", s.recording is None, s.recording)


async def events(p, device, seen):
    wrong, sent = [], 100
    for n in range(sent):
        a = time.time_ns()
        e = await device.send_event(f"stamped by the phone {n}")
        b = time.time_ns()
        # Stamped between A and B, then floored to a whole ms: at most 1 ms before A. Nothing else can move it.
        if e.timestamp % MS or not a - p.offset(a) - MS < e.timestamp <= b - p.offset(b) or e.recording_id is not None:
            wrong.append((a, e, b))
    expect(f"{sent} events are stamped between question and answer, in whole ms, by the phone's clock", not wrong, wrong[:2])
    given, name = (0, 1, 1744271291692745123, 2**53 + 1, 2**63 - 1), 'stimulus "é" <&=>'
    back = [(await device.send_event(name, t)).timestamp for t in given]
    expect("a stamp of the sender's comes back to the last digit", tuple(back) == given, back)

    def pushed():
        return [(e.name, e.timestamp) for e in seen if isinstance(e, Event)][sent:]
    await until(lambda: len(pushed()) == len(given))
    expect("the websocket tells of the events", pushed() == [(name, t) for t in given], pushed())


async def recordings(device, seen):
    def actions(recording):
        return [c.action for c in seen if isinstance(c, Recording) and c.id == recording]
    await refused("a stop with nothing to stop", device.recording_stop_and_save(), "No recording")
    await refused("a cancel with nothing to cancel", device.recording_cancel(), "No recording")
    for end, last in ((device.recording_stop_and_save, "SAVE"), (device.recording_cancel, "DISCARD")):
        recording = await device.recording_start()
        await refused("a second start", device.recording_start(), "already running")
        early = await device.send_event("before it is open")
        expect("an event before the recording opens is not in it", early.recording_id != recording, early)
        expect("the websocket tells that it is open", await until(lambda: actions(recording) == ["START"]), actions(recording))
        e, s = await device.send_event("within"), await device.get_status()
        expect("event and status know the recording", (e.recording_id, s.recording and s.recording.id) == (recording, recording), (e, s.recording))
        expect("the end returns nothing", (got := await end()) is None, got)
        expect(f"the websocket tells its end, {last}", await until(lambda: actions(recording)[1:] == ["STOP", last]), actions(recording))


async def time_echo(p):
    before = time.time_ns()
    got = await TimeOffsetEstimator(p.host, p.facts["time_echo_port"]).estimate()
    # Three clock readings are floored to 1 ms: half of two of them and one in full, opposite in sign, move an offset by less than 1 ms; rounding
    # the middle moves it 0.5 ms, and the phone may have answered anywhere in the round trip, 0.5 RTT, which is measured up to
    # 1 ms too short. No sample can exceed 2 ms + RTT / 2, nor can their mean; the clocks drift less than 1 us meanwhile.
    true, off, rtt = p.offset(before) / MS, got.time_offset_ms, got.roundtrip_duration_ms.mean
    expect(f"Time Echo: 100 rounds give the offset, {true:.3f} ms", len(off.measurements) == 100 and abs(off.mean - true) < 2.001 + rtt / 2, got)
    print(f"     off by {off.mean - true:+.3f} ms, mean round trip {rtt:.3f} ms")


async def template(device, family):
    if family == "invisible":
        with contextlib.suppress(api.DeviceError):
            expect("an Invisible has no template", False, await device.get_template())
        with contextlib.suppress(api.DeviceError):
            expect("an Invisible has no calibration", False, await device.get_calibration())
        return
    t = await device.get_template()
    question = str(t.items[0].id)
    expect("template", (t.name, t.items[0].title) == ("Fake template", "Participant"), t)
    await device.post_template_data({question: ["P07"]}, template_format="api")
    got = await device.get_template_data(template_format="api")
    expect("answers to the template are kept", got == {question: ["P07"]}, got)
    c = await device.get_calibration()
    expect("calibration", (c.serial, c.scene_camera_matrix.shape) == ("841684", (3, 3)), c)


async def whole(family, *flags):
    print(f"== {family} {' '.join(flags)}")
    with Phone("--family", family, "--name", "Lab: phone no. 2", *flags) as p:
        async with api.Device(p.host, p.port) as device, updates(device) as seen:
            await status(p, device, family)
            first = ["Phone", "Hardware"] + ["Sensor"] * {"invisible": 4, "neon": 10}[family]
            expect("the websocket begins with what there is", await until(lambda: kinds(seen) == first), kinds(seen))
            await events(p, device, seen)
            await recordings(device, seen)
            await time_echo(p)
            await template(device, family)


async def refusals():
    print("== refusals, glasses")
    for why, text in (("battery", "Battery"), ("storage", "storage"), ("wearer", "wearer"), ("workspace", "workspace"), ("template", "template")):
        with Phone("--family", "neon", "--refuse", why) as p:
            async with api.Device(p.host, p.port) as device:
                await refused(f"a start for want of {why}", device.recording_start(), text)
    for glasses in ("absent", "null"):
        with Phone("--glasses", glasses) as p:
            async with api.Device(p.host, p.port) as device, updates(device) as seen:
                s = await device.get_status()
                expect(f"glasses {glasses}: the client lives", s.phone.battery_level == 78 and await until(lambda: kinds(seen)[:1] == ["Phone"]), s)
    with Phone("--no-echo") as p:
        async with api.Device(p.host, p.port) as device:
            s = await device.get_status()
            expect("no Time Echo: no port", s.phone.time_echo_port is None, s.phone)


async def discovery():
    print("== discovery")
    names = {"fa4e000000000001": "OnePlus8", "fa4e000000000002": "Lab: phone no. 2", "fa4e000000000003": "a.b:c..d"}
    with contextlib.ExitStack() as stack:
        phones = {i: stack.enter_context(Phone("--announce", "--device-id", i, "--name", n)) for i, n in names.items()}
        wanted = {(f"PI monitor:{names[i]}:{i}._http._tcp.local.", p.host, p.port) for i, p in phones.items()}
        async with api.Network() as network:
            def found():
                return {(d.name, d.addresses[0], d.port) for d in network.devices}
            await until(lambda: found() == wanted, 10)
            expect("three phones are found, by name, address and port", found() == wanted, found())
            with Phone("--announce", "--device-id", "fa4e000000000004", "--name", "Short") as p:
                short = ("PI monitor:Short:fa4e000000000004._http._tcp.local.", p.host, p.port)
                expect("one more is found", await until(lambda: short in found(), 10), found())
            expect("and gone after its goodbye", await until(lambda: found() == wanted, 10), found())


def simple():
    print("== the simple client")
    with Phone("--announce", "--offset=-1500ms") as p:
        device = discover_one_device(10)
        expect("simple: discovered", device is not None and (device.address, device.port) == (p.host, p.port), device)
        if device is None:
            return
        expect("simple: status", (device.phone_name, device.phone_id, device.battery_level_percent) == ("OnePlus8", "fa4e000000000001", 78), device.phone_name)
        expect("simple: event", device.send_event("given", 1744271291692745123).timestamp == 1744271291692745123)
        recording = device.recording_start()
        try:
            expect("simple: a second start is refused", False, device.recording_start())
        except api.DeviceError as e:
            expect("simple: a second start is refused", e.args[0] == 500, e)
        device.recording_cancel()
        expect("simple: recording", len(recording) == 36, recording)
        got, true = device.estimate_time_offset(), p.offset(time.time_ns()) / MS
        expect(f"simple: offset, {true:.3f} ms", abs(got.time_offset_ms.mean - true) < 2.001 + got.roundtrip_duration_ms.mean / 2, got)
        expect("simple: no errors in the background", (got := device.get_errors()) == [], got)
        device.close()


signal.signal(signal.SIGTERM, lambda *_: sys.exit("out of time"))  # so that the phones end too
print(f"client {api.__version__} of the vendor's, Python {sys.version.split()[0]}")
asyncio.run(whole("invisible", "--offset", "840123456ns", "--drift", "12ppm"))
asyncio.run(whole("neon", "--offset=-3h0m0.25s"))
asyncio.run(whole("invisible", "--close-after-answer"))
asyncio.run(refusals())
asyncio.run(discovery())
simple()
print(f"{done - failed} passed, {failed} failed")
sys.exit(failed > 0)
