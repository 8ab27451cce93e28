"""Invented names and places. None belongs to a real person; awkward ones test the pipeline."""

FORENAMES = [
    "Synthia", "Samplena", "Mockaela", "Inventa", "Fictoria", "Testina", "Dummara", "Placebella",
    "Zoë-Synth", "Renée-Mock", "Imagina", "Pretenda", "Fabricia", "Modella", "Seeda", "Randomina",
    "Synthesio", "Samplon", "Mockias", "Inventio", "Fictor", "Testian", "Dummond", "Placebo",
    "Noël-Synth", "André-Mock", "Imagino", "Pretendo", "Fabrizio-Mock", "Modello", "Seedric",
    "Randomund", "D'Sample", "Synth'onn",
]  # fmt: skip
# careless software reads "nan", "null" and "none" as no value
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
# no United Kingdom postcode area begins with X
POSTCODE_AREA = "X"
POSTCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
# check letters of unique pupil numbers, and valid prefixes of National Insurance numbers
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
NINO_PREFIXES = ["SY", "SN", "ST", "SH", "SE", "SC"]
