"""Reads a page and counts its words. There is a bug in it that appears at random: sometimes it forgets to come back, sometimes it
falls over. Supervised, nobody notices much."""
import os
import random
import re
import time
import urllib.request

import hanse


@hanse.function
def words(address):
    dice = random.random()
    if dice < 0.03:
        os._exit(1)                     # falls over
    if dice < 0.04:
        time.sleep(3600)                # forgets to come back
    with urllib.request.urlopen(address.decode(), timeout=10) as page:
        text = page.read().decode()
    return len(re.findall(r"\w+", re.sub(r"<[^>]*>", " ", text)))


random.seed()
hanse.run()
