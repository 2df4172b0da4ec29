// What both clients ask, and what they print: a line for each change.
export const [url, token, wanted] = process.argv.slice(2);

let received = 0;

// The clients send these variables again whenever they connect again: so they have to be those of now.
export const variables = { after: null };
export const request = {
  query: "subscription($after: Cursor) { disclosureChanges(after: $after) { changes { seq } nextCursor } }",
  variables,
  extensions: { access: { purpose: "PARTNER_DISCLOSURE", agreementNo: "GX-2026-0131" } },
};

export function take({ data, errors }) {
  if (errors) {
    process.stderr.write(JSON.stringify(errors) + "\n");
    return;
  }
  for (const { seq } of data.disclosureChanges.changes) {
    process.stdout.write(`${seq}\n`);
    received += 1;
  }
  if (received >= Number(wanted)) process.exit(0);
  variables.after = data.disclosureChanges.nextCursor;
}
