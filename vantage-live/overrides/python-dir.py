# python-dir.py: prints the folder below a prefix where Python looks for packages
#
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: python-dir.py PREFIX

import os
import site
import sys
import sysconfig

import gi

prefix = sys.argv[1].rstrip('/')
# That of PyGObject itself first: /usr/local is below /usr.
known = [os.path.dirname(os.path.dirname(gi._overridesdir))] + site.getsitepackages()
below = [folder for folder in known if folder.startswith(prefix + '/')]
new = sysconfig.get_path('purelib', vars={'base': prefix, 'platbase': prefix})
print(below[0] if below else new)
