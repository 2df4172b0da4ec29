"""The synthetic city: a Zhuhai that nobody lives in, the same for the same size and seed.

`load.load` fills databases; `personas` names whom to ask for; `feeds.GROUPS` lists what is made. Nothing here is real:
identity numbers use an area that was never assigned, every federated record says `is_synthetic`.
"""
