"""The command line, from its first line on: Ctrl-C ends it silently until it can say that it was interrupted."""

import os
import signal

# Before anything is imported that takes time: Python's own handler would print where it was.
signal.signal(signal.SIGINT, signal.SIG_DFL)
# Arrow's own allocator takes more than tables of a thousand runs need. It is read when Arrow is imported.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

from workbench.command.main import main  # noqa: E402

if __name__ == "__main__":
    main()
