"""A class on one Linux server: README.md says how. `loopback_config.py` is the same hub, for trying it out."""

import pwd
import shlex
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent  # of the environment that the hub and all readers share
sys.path.append(str(ROOT / "book/_ext"))
from launch import pulled, read  # noqa: E402

c = get_config()  # noqa: F821

# Caddy, nginx or another web server, which has the certificate, stands before this address.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.cleanup_servers = False  # readers work on while the hub starts anew

# Who may enter: accounts of this server that are in the group `readers`. README.md has other ways.
c.JupyterHub.authenticator_class = "pam"
c.LocalAuthenticator.allowed_groups = {"readers"}
c.PAMAuthenticator.admin_groups = {"sudo"}
c.LocalAuthenticator.add_user_cmd = ["useradd", "--create-home", "--user-group", "--groups", "readers"]

# A reader's server: under the reader's own account, within limits that systemd keeps. README.md says what was measured.
c.JupyterHub.spawner_class = "systemd"
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.isolate_devices = True  # False where readers are to have the server's GPU
c.Spawner.cmd = [str(BIN / "jupyterhub-singleuser")]
c.Spawner.args = [
    # Servers that start at once can choose the same port for two kernels, and one then never answers. Files cannot
    # be mixed up, and others on the server cannot listen.
    "--KernelManager.transport=ipc",
    "--MappingKernelManager.kernel_info_timeout=600",  # a class's kernels start slowly
]
c.Spawner.mem_limit = "2G"
c.Spawner.cpu_limit = 2
c.Spawner.start_timeout = c.Spawner.http_timeout = 300  # a whole class comes at once
c.JupyterHub.concurrent_spawn_limit = 0
c.Spawner.environment = {
    "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
    "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # private by isolate_tmp, and short: a socket's path has at most 107 bytes
    "OMP_NUM_THREADS": "1",  # the course computes in one thread; more would only wait for one another
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.attributesFile",
    "GIT_CONFIG_VALUE_0": str(HERE / "gitattributes"),
    "GIT_CONFIG_KEY_1": "merge.notebook.driver",
    "GIT_CONFIG_VALUE_1": shlex.join([sys.executable, str(HERE / "merge_notebooks.py"), "%O", "%A", "%B"]),
}

# Who comes without a link gets the course, in its newest version.
course = read(ROOT)
if course.url:
    c.Spawner.default_url = pulled(course.url, course.notebooks)

# A server that nobody has used for an hour ends. JupyterLab has saved its notebooks by then.
c.JupyterHub.services = [
    {"name": "culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"]},
]
c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "services": ["culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    },
]


def keep_private(spawner) -> None:
    """Nobody else looks into a reader's home folder, and no server runs as root or as a service's account."""
    account = pwd.getpwnam(spawner.user.name)
    if account.pw_uid < 1000:
        raise PermissionError(
            f"A reader's account must have a user id of 1000 or more. That of {account.pw_name} is {account.pw_uid}. "
            "Sign in with another account."
        )
    Path(account.pw_dir).chmod(0o700)


c.Spawner.pre_spawn_hook = keep_private
