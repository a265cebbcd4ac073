"""run.py CLIENT ISSUER MCP [ISSUER MCP ...]: runs a client in Python for each issuer.

Importing a library takes most of the time of a run, so one process runs the client for all issuers.
"""

import runpy
import sys
from pathlib import Path

client, *urls = sys.argv[1:]
for issuer, mcp in zip(urls[::2], urls[1::2], strict=True):
    sys.argv[1:] = [issuer, mcp]
    sys.modules.pop("steps", None)  # it reads the arguments
    runpy.run_path(str(Path(__file__).with_name(f"{client}_client.py")))
