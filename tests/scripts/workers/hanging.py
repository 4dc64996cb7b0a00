"""Stands still behind its first answer, without a call."""
import os
import time

import hanse
from hanse import channel


@hanse.function
def hang_after_this():
    def hang(self):
        flush(self)
        time.sleep(1000)

    flush, channel.Channel.flush = channel.Channel.flush, hang
    return os.getpid()


hanse.run()
