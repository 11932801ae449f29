"""Makes the peer's own virtual environment beside this file, with PyTorch for the processor."""

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
REQUIREMENTS = HERE / "requirements.txt"
INSTALLED = ENVIRONMENT / "installed.txt"
CHECK = "import torch; assert torch.ones(2, 2).matmul(torch.ones(2, 2)).sum() == 8"

# On Linux the plain package is a CUDA build and wants these libraries at start, though nothing on the processor
# calls them. Empty ones of the same names save 4 GB of disk and 260 MB of this program's memory.
CUDA_LIBRARIES = [
    "libcublas.so.13",
    "libcublasLt.so.13",
    "libcudnn.so.9",
    "libcufft.so.12",
    "libcufile.so.0",
    "libcupti.so.13",
    "libcusparse.so.12",
    "libcusparseLt.so.0",
    "libnccl.so.2",
    "libnvrtc.so.13",
    "libnvshmem_host.so.3",
]
# Functions are looked up on first use, which never comes; the one variable among all symbols has to exist.
# With a version script every library also carries a version of its own name, the one that callers ask for.
STUB_SOURCE = "int nvshmem_selected_device_transport;\n"
STUB_VERSIONS = "NVSHMEM { global: *; };\n"
LAZY_BINDING = "import os, sys; sys.setdlopenflags(os.RTLD_LAZY)\n"


def install() -> Path:
    """Returns the environment's Python; makes the environment where it is missing or has other versions."""
    python = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if INSTALLED.exists() and INSTALLED.read_text() == REQUIREMENTS.read_text():
        return python
    print("installing PyTorch into", ENVIRONMENT, file=sys.stderr)
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    _pip_install(python, "--no-deps", "-r", str(REQUIREMENTS))
    if sys.platform == "linux" and shutil.which("cc"):
        _stub_cuda_libraries(python)
    if subprocess.run([python, "-c", CHECK], stderr=subprocess.DEVNULL).returncode != 0:
        print("PyTorch does not start without the CUDA libraries here; installing them too", file=sys.stderr)
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        _pip_install(python, "-r", str(REQUIREMENTS))
        subprocess.run([python, "-c", CHECK], check=True)
    INSTALLED.write_text(REQUIREMENTS.read_text())
    return python


def _pip_install(python: Path, *arguments: str) -> None:
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, stdout=sys.stderr)


def _stub_cuda_libraries(python: Path) -> None:
    """Puts empty libraries beside PyTorch's own, and lets functions be looked up on first use."""
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.run([python, "-c", query], check=True, capture_output=True, text=True).stdout.strip())
    (packages / "lazy-binding.pth").write_text(LAZY_BINDING)
    with tempfile.TemporaryDirectory() as folder:
        source, versions = Path(folder, "stub.c"), Path(folder, "stub.map")
        source.write_text(STUB_SOURCE)
        versions.write_text(STUB_VERSIONS)
        for name in CUDA_LIBRARIES:
            linker_options = [f"-Wl,-soname,{name}", f"-Wl,--version-script,{versions}"]
            output = packages / "torch" / "lib" / name
            subprocess.run(["cc", "-shared", "-fPIC", *linker_options, "-o", output, source], check=True)


if __name__ == "__main__":
    print(install())
