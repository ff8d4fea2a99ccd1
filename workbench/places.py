"""Where things are: what is shipped, what is written, and which file a name in settings means.

    ROOT        config/, data/, models/ as shipped: the checkout, or the package's own copy where it was installed
    home()      what is written goes below it: WORKBENCH_HOME, else the checkout, else the user's data folder

A name that begins with config/, data/ or models/ is in one of the workbench's own folders. Such a name is read where it
exists first: in the working directory, below `home()`, as shipped. It is written below `home()`. Any other name is a
path as every program takes it. So every command works from every folder, and nothing is written into site-packages.
Knows no phase.
"""

import os
from importlib import resources
from pathlib import Path

import platformdirs

HOME_VARIABLE = "WORKBENCH_HOME"
PACKAGE = Path(str(resources.files("workbench"))).resolve()
IMPORTED_FROM = PACKAGE.parent  # working directory of a child that runs `python -m workbench`
IS_CHECKOUT = (IMPORTED_FROM / "pyproject.toml").is_file() and (IMPORTED_FROM / "config" / "prompts").is_dir()
ROOT = IMPORTED_FROM if IS_CHECKOUT else PACKAGE / "shipped"

_OWN_FOLDERS = ("config", "data", "models")


def home() -> Path:
    """The folder that everything is written below; it may not be there yet."""
    if named := os.environ.get(HOME_VARIABLE):
        return Path(named).expanduser().absolute()
    return ROOT if IS_CHECKOUT else platformdirs.user_data_path("workbench", appauthor=False)


def written(name: str | Path) -> Path:
    """Where a file or folder of this name is written; relative where the working directory is the home.

    >>> written("/tmp/runs").as_posix(), written("runs").as_posix()
    ('/tmp/runs', 'runs')
    """
    path = Path(os.path.expanduser(name))
    is_own = path.parts[:1] and path.parts[0] in _OWN_FOLDERS
    return home() / path if is_own and home() != Path.cwd() else path


def located(name: str | Path) -> Path:
    """The file or folder of this name; the name itself where there is none, for the reader to complain of."""
    path = Path(os.path.expanduser(name))
    if os.path.exists(path) or not path.parts or path.parts[0] not in _OWN_FOLDERS:
        return path
    return next((root / path for root in (home(), ROOT) if os.path.exists(root / path)), path)


def config_file(name: str | Path) -> Path:
    """The YAML file of this name: a path, or the bare name of one in config/.

    >>> config_file("demo").name, config_file("config/demo.yaml").name
    ('demo.yaml', 'demo.yaml')
    """
    path = Path(name)
    if path.suffix or len(path.parts) > 1 or path.is_file():
        return located(path)
    in_config = located(Path("config") / f"{name}.yaml")
    return in_config if in_config.is_file() else path


def as_typed(path: Path) -> str:
    """A path as a person would type it: short where it is below the home or among the shipped files."""
    root = next((root for root in (home(), ROOT) if path.is_relative_to(root)), None)
    return str(path.relative_to(root)) if root else str(path)


def made_of(folder: Path) -> Path:
    """Where files that are made of a folder's files go: beside them, or below the home where the folder is shipped."""
    folder = folder.absolute()
    if home() == ROOT or not folder.is_relative_to(ROOT):
        return folder
    return home() / "models" / "base" / "adapters" / folder.name


def child_environment() -> dict[str, str]:
    """Environment of a child process that works in `home()`: it imports this very package."""
    if not IS_CHECKOUT:
        return dict(os.environ)
    paths = [str(IMPORTED_FROM), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
