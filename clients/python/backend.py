"""A build backend (PEP 517, PEP 660) for one package of pure Python: the wheel is a zip file of src/ with three files of metadata
(the specification of binary distributions of packaging.python.org). Only the standard library is needed."""
import base64
import hashlib
import pathlib
import re
import tarfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent


def _project():
    text = (HERE / "pyproject.toml").read_text()
    return {key: re.search(rf'^{key} = "(.*)"$', text, re.M).group(1) for key in ("name", "version", "description", "requires-python")}


def _metadata(project):
    return (f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\nSummary: {project['description']}\n"
            f"License: Apache-2.0\nRequires-Python: {project['requires-python']}\nDescription-Content-Type: text/markdown\n\n"
            + (HERE / "README.md").read_text())


def _record_of(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}"


def _wheel(folder, files):
    project = _project()
    name = f"{project['name']}-{project['version']}"
    info = f"{name}.dist-info"
    files = dict(files)
    files[f"{info}/METADATA"] = _metadata(project).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: hanse\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = [_record_of(*file) for file in files.items()] + [f"{info}/RECORD,,"]
    files[f"{info}/RECORD"] = ("\n".join(record) + "\n").encode()
    wheel = f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), data)
    return wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    source = HERE / "src"
    paths = [path for path in sorted(source.rglob("*")) if path.suffix == ".py" or path.name == "py.typed"]
    return _wheel(wheel_directory, {str(path.relative_to(source)): path.read_bytes() for path in paths})


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return _wheel(wheel_directory, {"hanse_source.pth": f"{HERE / 'src'}\n".encode()})


def build_sdist(sdist_directory, config_settings=None):
    project = _project()
    name = f"{project['name']}-{project['version']}"
    with tarfile.open(pathlib.Path(sdist_directory) / f"{name}.tar.gz", "w:gz") as archive:
        for path in ("pyproject.toml", "backend.py", "README.md", "src", "tests"):
            archive.add(HERE / path, f"{name}/{path}", filter=lambda item: None if "__pycache__" in item.name else item)
    return f"{name}.tar.gz"
