r"""Files that people hand in, opened with care: only regular files, only up to a size, only strict UTF-8.

A named pipe never blocks, a device is never read, a 1 GB file is refused by its size before a byte is read. Lines end
at \n and nowhere else: \r, U+2028 and U+0085 stay inside the line. Every refusal is one `InputError` line,
`file:line: reason, what to do`. Knows nothing of poems.
"""

import errno
import os
import re
import stat
from pathlib import Path

from workbench.errors import InputError

MAX_FILE_BYTES = 64 * 2**20
MAX_FOLDER_FILES = 100_000

_LOOKED_AT = 512  # bytes at the start of a file that show what it is
_NO_TEXT = {
    "a PDF": re.compile(rb"%PDF-"),
    "a Rich Text file": re.compile(rb"\{\\rtf"),
    "a web page": re.compile(rb"\s*<(!doctype\s+html|html[\s>].*</body>)", re.IGNORECASE | re.DOTALL),
    "a Word, Excel or zip file": re.compile(rb"PK\x03\x04|\xd0\xcf\x11\xe0"),
    "a compressed file": re.compile(rb"\x1f\x8b"),
}
_LONGEST_PATH = 1024  # characters of a path that is shown whole
_SHOWN = 60  # characters of foreign text that a message quotes
_BOM = b"\xef\xbb\xbf"
_REASONS = {
    errno.ENOENT: "there is no such file or folder, check the path",
    errno.EACCES: "permission denied, change the permissions of the file",
    errno.EPERM: "permission denied, change the permissions of the file",
    errno.ELOOP: "the symbolic link leads back to itself, name the file itself",
    errno.ENAMETOOLONG: "the name is too long, choose a shorter one",
    errno.ENOTDIR: "a part of the path is a file, not a folder, check the path",
    errno.EIO: "the disk reported an error, copy the file anew",
}
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def shown(path: Path | str) -> str:
    r"""A path or other foreign text on one printable line.

    >>> shown("a\nb\udc80é")
    'a\\nb\\udc80é'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(path))


def quoted(text: object) -> str:
    """Foreign text in quotes, on one line, cut where it is long."""
    line = shown(str(text)[: _SHOWN + 1])
    return f"'{line[:_SHOWN]}…'" if len(line) > _SHOWN else f"'{line}'"


def refusal(path: Path, reason: str, line: int | None = None) -> InputError:
    """The one line that says where, what and what to do; a path that fills pages is cut in the middle."""
    place = shown(path)
    place = place if len(place) <= _LONGEST_PATH else f"{place[:200]}…{place[-200:]}"
    return InputError(f"{place}{'' if line is None else f':{line}'}: {reason}")


def is_folder(path: Path) -> bool:
    """Whether the path is a folder.

    Raises:
        InputError: it is not there or cannot be looked at.
    """
    return stat.S_ISDIR(_stat(path).st_mode)


def why_no_file(path: Path) -> str:
    """Why a path cannot be read as a file, for those who have seen that it is none."""
    if not path.exists():
        return "no such file"
    return f"it is {_KINDS.get(stat.S_IFMT(path.stat().st_mode), 'not a regular file')}, name a file"


def files_in(folder: Path) -> list[Path]:
    """What is in a folder, sorted by name, without hidden entries; folders are among them.

    Raises:
        InputError: it cannot be listed or holds too many files.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except (OSError, ValueError) as exc:
        raise _disk_refusal(folder, exc) from exc
    if len(names) > MAX_FOLDER_FILES:
        raise refusal(folder, f"{len(names)} files are more than {MAX_FOLDER_FILES}, put the poems into fewer files")
    return [folder / name for name in names]


def read_bytes(path: Path) -> bytes:
    """All bytes of a regular file.

    Raises:
        InputError: not a regular file, too large, or unreadable.
    """
    _check_kind(path, _stat(path))
    try:
        # O_NONBLOCK: a pipe that took the file's place since the check must not hold us
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            _check_kind(path, os.fstat(descriptor))
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as exc:
        raise _disk_refusal(path, exc) from exc
    _check_size(path, len(data))
    return data


def read_text(path: Path, *, is_of_rows: bool = False) -> str:
    """The text of a UTF-8 file, line endings untouched, without a byte order mark at its start.

    Args:
        path: the file.
        is_of_rows: what is not UTF-8 comes as lone surrogates, and NUL stays, for the caller to leave out that row.

    Raises:
        InputError: as `read_bytes`, or not a text file, or not UTF-8, or NUL in it.
    """
    data = read_bytes(path)
    if data and not data.strip(b"\0"):
        raise refusal(path, "it holds nothing but NUL bytes, restore it from a copy", 1)
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise refusal(path, "this is UTF-32, save it as UTF-8", 1)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or 4 * data[:_LOOKED_AT].count(0) > len(data[:_LOOKED_AT]):
        raise refusal(path, "this is UTF-16, save it as UTF-8", 1)
    data = data.removeprefix(_BOM)
    if kind := next((kind for kind, start in _NO_TEXT.items() if start.match(data)), ""):
        raise refusal(path, f"this is {kind} under another name, save its text as UTF-8 in a .txt file", 1)
    if is_of_rows:
        return data.decode("utf-8", "surrogateescape")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise refusal(path, f"byte 0x{data[exc.start]:02x} is not UTF-8, save the file as UTF-8", line) from exc
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise refusal(path, "a NUL character, remove it (is this a text file?)", line)
    return text


def _stat(path: Path) -> os.stat_result:
    try:
        return os.stat(path)
    except (OSError, ValueError) as exc:
        raise _disk_refusal(path, exc) from exc


def _check_kind(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "not a regular file")
        raise refusal(path, f"this is {kind}, name a regular file")
    _check_size(path, status.st_size)


def _check_size(path: Path, n_bytes: int) -> None:
    if n_bytes > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 2**20
        raise refusal(path, f"the file is larger than {limit} MiB, split it into smaller files in one folder")


def _disk_refusal(path: Path, exc: OSError | ValueError) -> InputError:
    if isinstance(exc, OSError):
        return refusal(path, _REASONS.get(exc.errno or 0, f"cannot be read ({exc.strerror}), check the file"))
    return refusal(path, "this is not a possible path, check it")
