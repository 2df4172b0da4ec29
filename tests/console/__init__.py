"""The explorer's page in a browser: ``scripts/explorer``. Needs Chromium or Chrome."""
