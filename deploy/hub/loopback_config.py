"""The hub of jupyterhub_config.py for trying it out, and for `make bench-hub` and the tests.

Any name enters without a password, and all servers run under the account that starts the hub: only on this machine,
only for somebody who is alone on it. What is set below is all that differs.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent

load_subconfig(str(HERE / "jupyterhub_config.py"))  # noqa: F821
c = get_config()  # noqa: F821

c.JupyterHub.cleanup_servers = True
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.ConfigurableHTTPProxy.command = [sys.executable, str(HERE / "loopback_proxy.py"), "--proxy-timeout=3600000"]
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{Path.cwd()}/homes/{{username}}"
c.Spawner.pre_spawn_hook = None
c.Spawner.environment["JUPYTER_RUNTIME_DIR"] = runtime = tempfile.mkdtemp(dir="/tmp")  # all readers'
atexit.register(shutil.rmtree, runtime, ignore_errors=True)
if os.geteuid() == 0:  # as on servers for continuous integration
    c.Spawner.args = [*c.Spawner.args, "--allow-root"]
