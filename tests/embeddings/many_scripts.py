"""1,000 texts in many scripts, the same in every run: sentences of many languages (Article 1 of the Universal
Declaration of Human Rights), mixtures of them, code, marks, control characters, and words of random letters of
many blocks."""

import random

ARTICLE_1 = [
    "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience "
    "and should act towards one another in a spirit of brotherhood.",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt "
    "und sollen einander im Geist der Brüderlichkeit begegnen.",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de "
    "conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y "
    "conciencia, deben comportarse fraternalmente los unos con los otros.",
    "Todos os seres humanos nascem livres e iguais em dignidade e em direitos.",
    "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di coscienza.",
    "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw.",
    "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv.",
    "Minden emberi lény szabadon születik és egyenlő méltósága és joga van.",
    "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. İNSANLAR IŞIK ister.",
    "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi.",
    "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.",
    "Alla människor är födda fria och lika i värde och rättigheter.",
    "Hver maður er borinn frjáls og jafn öðrum að virðingu og réttindum.",
    "Visi cilvēki piedzimst brīvi un vienlīdzīgi savā pašcieņā un tiesībās.",
    "Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены разумом и совестью.",
    "Всі люди народжуються вільними і рівними у своїй гідності та правах.",
    "Сва људска бића рађају се слободна и једнака у достојанству и правима.",
    "'Ολοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. ΟΔΟΣ ΟΔΥΣΣΕΩΣ",
    "Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ ու իրավունքներով։",
    "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით.",
    "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. בְּרֵאשִׁית בָּרָא",
    "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميرًا",
    "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند.",
    "تمام انسان آزاد اور حقوق و عزت کے اعتبار سے برابر پیدا ہوئے ہیں۔",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে।",
    "ਸਾਰਾ ਮਨੁੱਖੀ ਪਰਿਵਾਰ ਆਪਣੀ ਮਹਿਮਾ, ਸ਼ਾਨ ਅਤੇ ਹੱਕਾਂ ਦੇ ਪੱਖੋਂ ਜਨਮ ਤੋਂ ਹੀ ਆਜ਼ਾਦ ਹੈ।",
    "પ્રતિષ્ઠા અને અધિકારોની દૃષ્ટિએ સર્વ માનવો જન્મથી સ્વતંત્ર અને સમાન હોય છે.",
    "மனிதப் பிறிவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும் உரிமைகளிலும் சமமானவர்கள்.",
    "ప్రతిపత్తిస్వత్వముల విషయమున మానవులెల్లరును జన్మతః స్వతంత్రులును సమానులును నగుదురు.",
    "ಎಲ್ಲಾ ಮಾನವರೂ ಸ್ವತಂತ್ರರಾಗಿಯೇ ಹುಟ್ಟಿದ್ದಾರೆ.",
    "മനുഷ്യരെല്ലാവരും തുല്യാവകാശങ്ങളോടും അന്തസ്സോടും സ്വാതന്ത്ര്യത്തോടുംകൂടി ജനിച്ചിട്ടുള്ളവരാണ്.",
    "සියලු මනුෂ්‍යයෝ නිදහස්ව උපත ලබා ඇත.",
    "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "ມະນຸດທຸກຄົນເກີດມາມີກຽດສັກສີ ສິດທິ ເສລີພາບ ແລະຄວາມສະເໝີພາບເທົ່າທຽມກັນ.",
    "លူတိုင်းသည် တူညီလွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် မွေးဖွားလာသူများ ဖြစ်သည်။",
    "មនុស្សទាំងអស់ កើតមកមានសេរីភាព និងសមភាព ក្នុងផ្នែកសេចក្ដីថ្លៃថ្នូរនិងសិទ្ធិ។",
    "སྲིད་པའི་འགྲོ་བ་མི་རིགས་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང་།",
    "የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው።",
    "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
    "人人生而自由，在尊嚴和權利上一律平等。",
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。ガギグ ﾊﾝｶｸ",
    "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "Хүн бүр төрж мэндлэхэд эрх чөлөөтэй, адилхан нэр төртэй, ижил эрхтэй байдаг.",
    "Watu wote wamezaliwa huru, hadhi na haki zao ni sawa. Wote wamejaliwa akili na dhamiri.",
    "ᏂᎦᏓ ᎠᏂᏴᏫ ᏂᎨᎫᏓᎸᎾ ᎠᎴ ᎤᏂᏠᏱ ᎤᎾᏕᎿ ᏚᏳᎧᏛ ᎨᏒᎢ.",
]

ODDITIES = [
    "", " ", "\t\n\r", "a", "[CLS", "Ⅷ ½ ² ℃ ™ ﬁ ﬀ", "naïve café Ångström e\u0301 n\u0303 \u1e69 \u212b",
    "zero\u200bwidth\u200djoiner\ufeff", "null\x00byte \x07bell \x7fdelete \x85next", "line\u2028sep\u2029par",
    "no\u00a0break\u3000ideographic\u2003em", "private \ue000 use \U000f0000", "replacement \ufffd character",
    "👩\u200d👩\u200d👧\u200d👦 🇩🇪 👍🏽 ❤️ 🤖", "x" * 99, "x" * 100, "x" * 101, "supercalifragilistic" * 6,
    "你好world再见2024年", "豈更車賈 \U00020000\U0002a700\U0002b821\U0002b950", "«quotes» „low“ ‘single’ …—–‐ ¿¡ §¶†‡",
    "$100 + 5^2 = <a|b> ~ `code` £€¥¢", "def f(x: int) -> str:\n    return f\"{x!r}\"  # comment",
    "SELECT * FROM t WHERE a_b = 'c' AND camelCase != snake_case;", "https://example.org/a/b?c=d&e=%20#f",
    "UPPER lower MiXeD ẞ ß ſ K Å Ǆ ǅ ǆ Σ ς σ", "\u0130\u0131 İstanbul DİYARBAKIR", "\u1e9e\u0390\u03b0\u1f80\ufb03",
    "Ꮿ ꭰ Ⴀ Ა ა Ⓐ Ａｂｃ１２３", "\u0345\u0301\u0300 lone marks", "ক\u09cdষ ক্ত न्\u200dन", "\U0001d400\U0001d41a\U0001d7ce math",
    "word" + "\u0301" * 50, "a\u0315\u0300\u05ae\u0300b", "\ud55c\uae00 \u1112\u1161\u11ab", "1,234.56 −7 10⁻³ 3×4÷5≠6≤7",
]

BLOCKS = [(0x20, 0x7E), (0xA0, 0x17F), (0x180, 0x24F), (0x370, 0x3FF), (0x400, 0x52F), (0x531, 0x586),
          (0x591, 0x5F4), (0x600, 0x6FF), (0x700, 0x74A), (0x780, 0x7B1), (0x900, 0x97F), (0x980, 0x9FE),
          (0xE01, 0xE5B), (0xF00, 0xFDA), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x139F), (0x13A0, 0x13F5),
          (0x1780, 0x17F9), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x20BF), (0x2100, 0x214F),
          (0x2190, 0x23FF), (0x2500, 0x27BF), (0x3000, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
          (0xA000, 0xA4C6), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE50, 0xFFEF), (0x10400, 0x1044F),
          (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF)]


def _random_words(chance):
    first, last = chance.choice(BLOCKS)
    words = ["".join(chr(chance.randint(first, last)) for _ in range(chance.randint(1, 9)))
             for _ in range(chance.randint(1, 30))]
    return " ".join(words)


def _mixture(chance):
    parts = []
    for sentence in chance.sample(ARTICLE_1, chance.randint(1, 4)):
        words = sentence.split(" ")
        begin = chance.randrange(len(words))
        parts.append(" ".join(words[begin:begin + chance.randint(1, 25)]))
    return chance.choice([" ", ", ", "\n", " / "]).join(parts)


def _shouted(chance):
    return chance.choice([str.upper, str.title, str.swapcase])(chance.choice(ARTICLE_1))


def texts(count=1_000):
    chance = random.Random(20_000)
    made = ARTICLE_1 + ODDITIES
    made.append(" ".join(ARTICLE_1))  # longer than the model's window
    while len(made) < count:
        made.append(chance.choice([_mixture, _mixture, _shouted, _random_words])(chance))
    return made[:count]
