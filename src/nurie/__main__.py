"""python -m nurie"""

from nurie.cli.main import main

main()
