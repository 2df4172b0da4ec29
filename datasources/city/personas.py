from typing import NamedTuple
HOUSEHOLDS_OF_PERSONAS=0
ENTITIES_OF_PERSONAS=0
PERSON_CHANGES: dict[int, dict[str, object]]={}
ENTITY_CHANGES={}
VEHICLE_CHANGES={}
LISTINGS={}
QUOTAS={}
CERTIFICATES=()
class Staged(NamedTuple):
    cert_no:str; org:int; person:int; expired:bool=False
OFFICERS=(Staged('19040130215',1,52),)
