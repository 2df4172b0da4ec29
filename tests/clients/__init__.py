"""The clients that others wrote, against the gateway on a line that breaks: ``scripts/clients``. Needs npm."""
