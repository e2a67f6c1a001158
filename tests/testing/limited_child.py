"""limited_child.py FILE SECONDS PROGRAM...: runs a program, kills it after SECONDS, and writes its return code and its peak of memory in bytes to
FILE. A process counts the memory of the one that forked it, so that one as small as this measures what pytest cannot."""

import os
import subprocess
import sys
import threading

file, seconds, *command = sys.argv[1:]
process = subprocess.Popen(command)
timer = threading.Timer(float(seconds), process.kill)
timer.start()
_, status, usage = os.wait4(process.pid, 0)
timer.cancel()
process.returncode = os.waitstatus_to_exitcode(status)
with open(file, "w") as result:
    print(process.returncode, usage.ru_maxrss * 1024, file=result)
