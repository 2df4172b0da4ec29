"""The explorer (查询台): a page to ask from, which needs nothing but the gateway that serves it."""
