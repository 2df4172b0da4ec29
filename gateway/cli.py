"""The command line, ``tongcha``. A command's module is imported when the command is called."""

from __future__ import annotations

from cyclopts import App

app = App(name="tongcha", help="Tongcha (通查): one GraphQL door to shared government data.", version_flags=[])
city = App(name="city", help="The synthetic city.", version_flags=[])
audit = App(name="audit", help="The access log.", version_flags=[])
documents = App(name="documents", help="The registered documents of clients.", version_flags=[])
sample = App(name="sample", help="Random draws.", version_flags=[])
policy = App(name="policy", help="The access policies.", version_flags=[])
disclosure = App(name="disclosure", help="The published records.", version_flags=[])
partners = App(name="partners", help="The partner systems and their agreements.", version_flags=[])

app.command("gateway.commands.demo:demo", help="Start everything on this machine, with the synthetic city.")
app.command("gateway.commands.serve:serve", help="Serve on the databases that TONGCHA_* settings name.")
app.command("gateway.commands.doctor:doctor", help="Say what is wrong with a deployment, and what to do.")
app.command("gateway.commands.mint:token", help="Print a token for a demo caller.")
app.command("gateway.commands.revoke:revoke", help="Tell every gateway that something is no longer good.")
app.command("gateway.commands.contract:schema", help="Print the contract.")
app.command("gateway.commands.ask:query", help="Answer the operation of a file as a demo caller.")
app.command("gateway.commands.ask:explain", help="Show how the operation of a file is answered.")
app.command(city)
city.command("gateway.commands.city:load", help="Make the databases of a demo anew and fill them.")
app.command(audit)
audit.command("gateway.commands.audit:verify", help="Check every record of the log.")
audit.command("gateway.commands.audit:export", help="Copy a part of a log to where it can be checked elsewhere.")
audit.command("gateway.commands.audit:prove", help="Print the proof that a record is in a checkpoint.")
audit.command("gateway.commands.affected:affected", help="List whose data a client or caller was given in a period.")
app.command(disclosure)
disclosure.command("gateway.commands.disclosure:run", help="Publish what is due, and withdraw what may not stay.")
disclosure.command("gateway.commands.disclosure:delivered", help="List which clients were handed out a change.")
app.command(documents)
documents.command("gateway.commands.documents:register", help="Register the documents of a file for a client.")
documents.command("gateway.commands.documents:show", name="list", help="List registered documents.")
documents.command("gateway.commands.documents:revoke", help="Take a document back.")
app.command(sample)
sample.command("gateway.commands.sample:verify", help="Repeat a draw from its record.")
app.command(policy)
policy.command("gateway.commands.policy:check", help="Say whether a set of policies can be used.")
policy.command("gateway.commands.policy:diff", help="Show which callers gain or lose which fields.")
policy.command("gateway.commands.policy:load", help="Put a set of policies in force.")
app.command(partners)
partners.command("gateway.commands.partners:load", help="Register the clients and agreements of a file.")
partners.command("gateway.commands.partners:show", help="List the agreements.")
partners.command("gateway.commands.partners:expire", help="End an agreement.")


def main() -> None:
    """Run the command that the arguments name."""
    app()


if __name__ == "__main__":
    main()
