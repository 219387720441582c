"""The hub of jupyterhub_config.py for trying it out, and for `make bench-hub` and the tests.

Any name enters without a password, and all servers run under the account that starts the hub: only on this machine,
only for somebody who is alone on it. What is set below is all that differs.
"""

import os
import sys
from pathlib import Path

PROXY = """
from configurable_http_proxy.cli import main
from tornado.httpclient import AsyncHTTPClient
AsyncHTTPClient.configure(None, max_clients=10_000)
main()
"""

load_subconfig(str(Path(__file__).with_name("jupyterhub_config.py")))  # noqa: F821
c = get_config()  # noqa: F821

c.JupyterHub.cleanup_servers = True
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
# A server has the Node program. This one comes by pip. Unasked it ends a request after 20 seconds, and takes
# ten at a time.
c.ConfigurableHTTPProxy.command = [sys.executable, "-c", PROXY, "--proxy-timeout=3600000"]
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{Path.cwd()}/homes/{{username}}"
c.Spawner.pre_spawn_hook = None
if os.geteuid() == 0:  # as on servers for continuous integration
    c.Spawner.args = [*c.Spawner.args, "--allow-root"]
