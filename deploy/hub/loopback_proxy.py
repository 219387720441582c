"""The proxy of loopback_config.py, which comes by pip. A server has the original, a program for Node.

The copy ends a request after 20 seconds unasked and takes ten at a time; and of a kernel's WebSocket it forgets the
protocol and sends binary messages on as text. JupyterLab then connects a second time, and may lose what was asked of
the kernel in between.
"""

from configurable_http_proxy.cli import main
from configurable_http_proxy.handlers import ProxyHandler
from tornado.httpclient import AsyncHTTPClient


def select_subprotocol(handler: ProxyHandler, _: list[str]) -> str | None:
    return handler.ws_client.selected_subprotocol


def on_message(handler: ProxyHandler, message: str | bytes) -> None:
    if handler.ws_client:
        handler.proxy.update_last_activity(handler.target["prefix"])
        handler.ws_client.write_message(message, binary=isinstance(message, bytes))


ProxyHandler.select_subprotocol, ProxyHandler.on_message = select_subprotocol, on_message
AsyncHTTPClient.configure(None, max_clients=10_000)
main()
