from launcher.main import run

run()
