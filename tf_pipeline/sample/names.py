"""Invented names and places. None is taken from anybody; the awkward ones test the pipeline."""

FORENAMES = [
    "Synthia", "Samplena", "Mockaela", "Inventa", "Fictoria", "Testina", "Dummara", "Placebella",
    "Zoë-Synth", "Renée-Mock", "Imagina", "Pretenda", "Fabricia", "Modella", "Seeda", "Randomina",
    "Synthesio", "Samplon", "Mockias", "Inventio", "Fictor", "Testian", "Dummond", "Placebo",
    "Noël-Synth", "André-Mock", "Imagino", "Pretendo", "Fabrizio-Mock", "Modello", "Seedric",
    "Randomund", "D'Sample", "Synth'onn",
]  # fmt: skip
# "nan", "null" and "none" are what careless software takes for no value
SURNAMES = [
    "Fernandez", "Nan", "Null", "None", "Financial", "O'Synthetic", "D'Sample", "Synth-Smythe",
    "Mockworth", "Samplesworth", "Fictionham", "Inventley", "Testerton", "Dummywell", "Fabricadé",
    "Imaginéz", "Pretendham", "Placeholder", "Mc'Mock", "Al-Synth", "Randomski", "Seedwright",
    "Modelthwaite", "Synthington", "Van-der-Mock", "Sampleford", "Fictby", "Inventsson",
    "Mockbridge", "Testlund", "Nandini-Synth", "Synthesové", "Madeupton", "Nobody-Real",
    "Notarealname", "Exampleton", "Simulatsky", "Artifice", "Counterfoil", "Generatorson",
]  # fmt: skip
STREETS = [
    "Lane", "Street", "Walk", "Close", "Road", "Avenue", "Grove", "Court", "Mill Lane",
    "O'Mock Street", "Null Road", "St. Sample's Close",
]  # fmt: skip
# no postcode area of the United Kingdom begins with X
POSTCODE_AREA = "X"
POSTCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
# check letters of unique pupil numbers, and prefixes that National Insurance numbers may have
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
NINO_PREFIXES = ["SY", "SN", "ST", "SH", "SE", "SC"]
