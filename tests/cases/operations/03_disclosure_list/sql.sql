withheld disclosures (Query.disclosures): NOT_FILTERABLE
0 statements on 0 databases
