"""The configuration of an exchange on this machine only: everything on loopback, no trunk of a carrier."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

USER = "aftercall"


@dataclass(frozen=True)
class Ports:
    sip: int
    http: int
    rtp: int
    """The first of 200."""


_MODULES = """timing: res_timing_timerfd
formats: codec_alaw codec_ulaw format_wav format_pcm format_sln
sip: res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject res_pjsip res_pjsip_pubsub res_pjsip_session
sip: res_pjsip_sdp_rtp res_pjsip_caller_id res_pjsip_dtmf_info res_pjsip_endpoint_identifier_user
sip: res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_anonymous chan_pjsip res_rtp_asterisk
dialplan: pbx_config app_playback app_stasis bridge_simple bridge_softmix bridge_holding
http: res_http_websocket res_websocket_client res_stasis res_stasis_answer res_stasis_playback res_stasis_recording
http: res_stasis_snoop res_ari res_ari_model res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels
http: res_ari_endpoints res_ari_events res_ari_playbacks res_ari_recordings res_ari_sounds res_musiconhold
"""
_EMPTY = ("ccss", "cdr", "cel", "features", "manager", "musiconhold", "udptl", "websocket_client")
_TONES = "[general]\ncountry = cn\n[cn]\ndescription = China\nringcadence = 1000,4000\nring = 450/1000,0/4000\n"
_ENDPOINT = """[{name}]
type = endpoint
context = callers
disallow = all
allow = alaw
dtmf_mode = rfc4733
direct_media = no
"""


def files(
    folder: Path, *, modules: Path, data: Path, ports: Ports, password: str, app: str, sounds: Path
) -> Mapping[str, str]:
    """Content by name, to be written into `folder`/etc; the exchange writes below `folder` only."""
    loads = [f"load = {name}.so" for line in _MODULES.splitlines() for name in line.partition(":")[2].split()]
    return {
        **{f"{name}.conf": "[general]\n" for name in _EMPTY},
        "acl.conf": "",
        "stasis.conf": "[threadpool]\n",
        "pjproject.conf": "[startup]\ntype = startup\n",
        "indications.conf": _TONES,
        "asterisk.conf": _asterisk(folder, modules, data),
        "modules.conf": "\n".join(["[modules]", "autoload = no", *loads, ""]),
        "logger.conf": "[general]\n[logfiles]\nconsole => notice,warning,error,verbose\n",
        "http.conf": f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nbindport = {ports.http}\n",
        "ari.conf": f"[general]\nenabled = yes\n[{USER}]\ntype = user\nread_only = no\npassword = {password}\n",
        "rtp.conf": f"[general]\nrtpstart = {ports.rtp}\nrtpend = {ports.rtp + 199}\nstrictrtp = yes\n",
        "pjsip.conf": _pjsip(ports.sip),
        "extensions.conf": _dialplan(app, sounds),
    }


def _asterisk(folder: Path, modules: Path, data: Path) -> str:
    places = {
        "astetcdir": folder / "etc", "astmoddir": modules, "astdatadir": data, "astvarlibdir": folder / "var/lib",
        "astdbdir": folder / "var/lib", "astkeydir": folder / "var/lib", "astagidir": folder / "var/agi",
        "astspooldir": folder / "var/spool", "astrundir": folder / "var/run", "astlogdir": folder / "var/log",
    }  # fmt: skip
    lines = [f"{name} => {place}" for name, place in places.items()]
    return "\n".join(["[directories]", *lines, "[options]", "verbose = 2", "nocolor = yes", ""])


def _pjsip(port: int) -> str:
    transport = f"[global]\ntype = global\n[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{port}\n"
    return transport + _ENDPOINT.format(name="anonymous") + _ENDPOINT.format(name="trunk")


def _dialplan(app: str, sounds: Path) -> str:
    """Without a worker `Stasis` fails: the caller hears so, and no rating is lost that nobody could keep."""
    return f"""[callers]
exten => _[+0-9a-z].,1,NoOp(a rating)
 same => n,Stasis({app},inbound,${{EXTEN}})
 same => n,GotoIf($["${{STASISSTATUS}}" = "SUCCESS"]?over)
 same => n,Answer()
 same => n,Playback({sounds}/fallback)
 same => n(over),Hangup()
"""
