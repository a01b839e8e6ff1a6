"""The web factory: guarded routes, server-rendered pages, problem details, and the doors every process has."""
