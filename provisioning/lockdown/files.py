"""The files of a locked-down terminal, rendered from its site file. Pure: nothing is read or written here."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pydantic import BaseModel

from drivers.match import UsbPlace, parse_place
from kiosk.config import Role, Site

USER: Final = "kiosk"
HOME: Final = "/opt/kiosk"
"""Releases live there; `HOME/boot` starts the one that `current` points to, and takes a bad one back."""
STATE: Final = "/var/lib/kiosk"
GROUPS: Final = ("dialout", "video", "audio", "input", "plugdev", "lp", "render", "tss")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One file.

    Attributes:
        path: where it belongs, from the root.
        text: what it says.
        why: what it is for, in a line.
        mode: its permissions.
    """

    path: str
    text: str
    why: str
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Step:
    """One command that has to be run once, as root, in this order."""

    command: str
    why: str


def places(site: Site) -> Iterator[tuple[Role, str, UsbPlace]]:
    """The USB sockets that the site file binds: role, kind, place."""
    for role in site.roles:
        for entry in site.devices[role].values():
            for _, value in entry.options:
                place = parse_place(value) if isinstance(value, str) else None
                if place is not None:
                    yield role, entry.name, place
            bare = _bare(entry.options)
            if bare is not None:
                yield role, entry.name, bare


def _bare(options: BaseModel) -> UsbPlace | None:
    """The place of a device that is reached over libusb."""
    given = options.model_dump()
    vendor, product, path = given.get("vid"), given.get("pid"), given.get("path")
    if not isinstance(vendor, int) or not isinstance(product, int) or not isinstance(path, str) or not path:
        return None
    return UsbPlace(path, f"{vendor:04x}", f"{product:04x}", str(given.get("serial", "")))


def _unit(site: Site, role: Role) -> Rendered:
    place = PurePosixPath(STATE) / site.path.name
    text = f"""\
[Unit]
Description=Service hall terminal, {role}
After=network.target sound.target
Conflicts=getty@tty1.service
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
TimeoutStartSec=infinity
WatchdogSec=30
User={USER}
Group={USER}
SupplementaryGroups={" ".join(GROUPS)}
WorkingDirectory={HOME}
PAMName=login
TTYPath=/dev/tty1
TTYReset=yes
TTYVHangup=yes
StandardInput=tty-fail
StandardOutput=journal
StandardError=journal
UtmpIdentifier=tty1
UtmpMode=user
Environment=XDG_RUNTIME_DIR=/run/{USER} KIVY_NO_ARGS=1
ExecStart=/usr/bin/python3 -m boot --name {role} -- \\
    /usr/bin/cage -- {{python}} -m kiosk run --site {place} --role {role} --ui fullscreen
Restart=always
RestartSec=2
# 78: a technician has ended it on its screen, with a PIN. They log in on another console, or start it again.
RestartPreventExitStatus=78
SuccessExitStatus=78
ExecStopPost=+/bin/sh -c '[ "$EXIT_STATUS" != 78 ] || {{ systemctl start getty@tty2.service; chvt 2; }}'
TimeoutStopSec=45
# A release that asks for more must say so here: everything else stays as it is shipped.
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
ReadWritePaths={STATE} {HOME} /run/{USER}

[Install]
WantedBy=multi-user.target
"""
    return Rendered(f"/etc/systemd/system/kiosk-{role}.service", text, f"runs the {role} on the screen, for ever")


def _updates(site: Site) -> Iterator[Rendered]:
    place = PurePosixPath(STATE) / site.path.name
    yield Rendered(
        "/etc/systemd/system/kiosk-update.service",
        f"""\
[Unit]
Description=Service hall terminal: brings the release that the hub wants
After=network-online.target

[Service]
Type=oneshot
User={USER}
Group={USER}
WorkingDirectory={HOME}
ExecStart={HOME}/current/bin/python -P -m provisioning release update --site {place} --home {HOME}
# 3: the hub is away. 4, 5: said in the release's state, which the terminal's program tells the hub.
SuccessExitStatus=3 4 5
Nice=10
IOSchedulingClass=idle
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ReadWritePaths={STATE} {HOME}
""",
        "brings the release that the hub wants",
    )
    yield Rendered(
        "/etc/systemd/system/kiosk-update.timer",
        """\
[Unit]
Description=Service hall terminal: looks for a release

[Timer]
OnBootSec=3min
OnUnitInactiveSec=10min
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
""",
        "looks for a release every ten to fifteen minutes",
    )


def _udev(site: Site) -> Rendered:
    lines = ["# Bound devices belong to the terminal's user, with a name that does not change."]
    for _, kind, place in places(site):
        match = (
            f'ENV{{ID_VENDOR_ID}}=="{place.vendor}", ENV{{ID_MODEL_ID}}=="{place.product}", ' if place.vendor else ""
        )
        name = kind.replace("_", "-")
        lines.append(
            f'SUBSYSTEM=="tty|hidraw|video4linux|usbmisc|input", KERNELS=="{place.socket}", {match}'
            f'OWNER="{USER}", MODE="0600", SYMLINK+="{USER}/{name}-$kernel"'
        )
        lines.append(
            f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", KERNEL=="{place.socket}", {match}'
            f'OWNER="{USER}", MODE="0600"'
        )
    return Rendered("/etc/udev/rules.d/70-kiosk.rules", "\n".join(lines) + "\n", "who may open the devices")


def _usb_filter(site: Site) -> Rendered:
    lines = ["# Hubs, and the bound devices. A stick or a keyboard is not let in."]
    # "equals": a hub that is a keyboard besides is none of ours
    lines += [f"allow with-interface equals {{ 09:00:0{protocol} }}" for protocol in range(3)]
    for _, _, place in places(site):
        who = f"id {place.vendor}:{place.product} " if place.vendor else ""
        number = f'serial "{place.serial}" ' if place.serial else ""
        lines.append(f'allow {who}{number}via-port "{place.socket}"')
    lines.append("reject")
    return Rendered("/etc/usbguard/rules.conf", "\n".join(lines) + "\n", "which USB devices are let in", 0o600)


_FIXED: Final = (
    Rendered(
        "/etc/sysusers.d/kiosk.conf",
        f'u {USER} - "Service hall terminal" {STATE} /usr/sbin/nologin\n'
        + "".join(f"m {USER} {group}\n" for group in GROUPS),
        "a user of its own, without a shell",
    ),
    Rendered(
        "/etc/tmpfiles.d/kiosk.conf",
        f"d {STATE} 0700 {USER} {USER} -\nd /run/{USER} 0700 {USER} {USER} -\nd {HOME} 0755 {USER} {USER} -\n",
        "the only folders it may write into",
    ),
    Rendered(
        "/etc/systemd/logind.conf.d/70-kiosk.conf",
        "[Login]\nNAutoVTs=0\nReserveVT=0\nHandlePowerKey=ignore\nHandleRebootKey=ignore\nIdleAction=ignore\n",
        "no other consoles, no power key",
    ),
    Rendered("/etc/sysctl.d/70-kiosk.conf", "kernel.sysrq = 0\nkernel.dmesg_restrict = 1\n", "no magic keys"),
    Rendered(
        "/etc/systemd/system.conf.d/70-kiosk.conf",
        "[Manager]\nCtrlAltDelBurstAction=none\nRuntimeWatchdogSec=30s\n",
        "no Ctrl-Alt-Del; the board's watchdog restarts a machine that hangs",
    ),
    Rendered(
        "/etc/systemd/journald.conf.d/70-kiosk.conf",
        "[Journal]\nStorage=persistent\nSystemMaxUse=500M\nMaxRetentionSec=30day\n",
        "logs cannot fill the disk, and are not kept for ever",
    ),
    Rendered(
        "/etc/ssh/sshd_config.d/70-kiosk.conf",
        "PasswordAuthentication no\nPermitRootLogin no\nX11Forwarding no\nAllowTcpForwarding no\n",
        "maintenance by key only",
    ),
)


def render(site: Site) -> tuple[Rendered, ...]:
    """Every file of this terminal."""
    return (*(_unit(site, role) for role in site.roles), *_updates(site), _udev(site), _usb_filter(site), *_FIXED)


def steps(site: Site) -> tuple[Step, ...]:
    """What has to be run once the files are there."""
    return (
        Step("systemd-sysusers", "makes the user"),
        Step("systemd-tmpfiles --create", "makes its folders"),
        Step("systemctl mask ctrl-alt-del.target getty@tty1.service", "no way out to a console"),
        Step("udevadm control --reload && udevadm trigger", "gives the devices to the user"),
        Step("systemctl enable --now usbguard.service", "begins to filter USB"),
        Step("systemctl daemon-reload", "reads the units"),
        Step("systemctl enable --now kiosk-update.timer", "looks for releases"),
        *(
            Step(f"systemctl enable --now kiosk-{role}.service", f"starts the {role}, now and at each boot")
            for role in site.roles
        ),
    )
