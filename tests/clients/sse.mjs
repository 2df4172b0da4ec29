// npm graphql-sse, distinct connections mode.
import { createClient } from "graphql-sse";
import { request, take, token, url } from "./feed.mjs";

const client = createClient({
  url,
  headers: { authorization: `Bearer ${token}` },
  retryAttempts: 100,
  retry: () => new Promise((resolve) => setTimeout(resolve, 50)),
});

// A stream that is complete or has ended with an error is begun again: the cursor says where.
function follow() {
  const again = () => setTimeout(follow, 50);
  client.subscribe(request, { next: take, error: again, complete: again });
}
follow();
