// npm graphql-ws over the WebSocket that Node brings along.
import { createClient } from "graphql-ws";
import { request, take, token, url } from "./feed.mjs";

const client = createClient({
  url: url.replace("http", "ws"),
  connectionParams: { Authorization: `Bearer ${token}` },
  retryAttempts: 100,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
});

function follow() {
  const again = () => setTimeout(follow, 50);
  client.subscribe(request, { next: take, error: again, complete: again });
}
follow();
