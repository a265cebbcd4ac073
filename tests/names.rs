//! Names and other texts for people: hidden characters, marks, mixed alphabets, and names that are reserved.
//! Lists are separated by ` / `.

use rollcall_support::registering::client;
use rollcall_support::{Server, settings, shipped_metadata};
use serde_json::{Value, json};

/// The rules that a client called `name` breaks under a policy.
fn rules(policy: &Value, name: &str) -> Vec<String> {
    let vars = json!({"METADATA": shipped_metadata(), "POLICY": policy});
    let server = Server::configured(settings(&vars));
    let answer = server.register(&client(&json!({"client_name": name})));
    let problems = if answer.status() == 201 { Vec::new() } else { answer.problems() };
    assert!(problems.iter().all(|(member, _)| member == "/client_name"), "{problems:?}");
    problems.into_iter().map(|(_, rule)| rule).collect()
}

#[track_caller]
fn expect(names: &str, rule: Option<&str>) {
    for name in names.split(" / ") {
        let broken = rules(&json!({}), name);
        assert_eq!(broken, Vec::from_iter(rule), "{}", name.escape_unicode());
    }
}

fn is_reserved(reserved: &[&str], name: &str) -> bool {
    let broken = rules(&json!({"reserved_names": reserved}), name);
    broken.iter().any(|rule| rule == "policy_reserved_name")
}

/// Threat 11.
#[test]
fn more_than_three_marks_on_one_letter_are_found() {
    expect(MANY_MARKS, Some("marks"));
    expect(FEW_MARKS, None);
}

const MANY_MARKS: &str = "Z\u{301}\u{302}\u{303}\u{304}algo / x\u{e47}\u{e47}\u{e47}\u{e47} / a\u{301}\u{301}\u{301}\u{301} / \
    a\u{735}\u{735}\u{735}\u{735} / a\u{900}\u{900}\u{900}\u{900} / a\u{1cd0}\u{1cd0}\u{1cd0}\u{1cd0} / \
    a\u{a8e0}\u{a8e0}\u{a8e0}\u{a8e0} / a\u{1e000}\u{1e000}\u{1e000}\u{1e000} / \
    a\u{1d165}\u{1d165}\u{1d165}\u{1d165} / क\u{94d}\u{94d}\u{94d}\u{94d} / a\u{b01}\u{b01}\u{b01}\u{b01} / \
    a\u{5b0}\u{5b0}\u{5b0}\u{5b0}\u{5b0}\u{5b0}";
const FEW_MARKS: &str = "Vie\u{302}\u{323}t\u{301} / ट्विटर हिन्दी में / น้ำทั้งนั้น ผู้ใหญ่ / བོད་ཀྱི་བསྒྲུབས་ ཧཱུྃ / \
    בְּרֵאשִׁ֖ית שָּׁ֔ב / ٱلرَّحْمَـٰنِ ٱللَّهِۗ / မြန်မာနိုင်ငံသို့ / ភាសាខ្មែរ / \
    বাংলা தமிழ் తెలుగు ಕನ್ನಡ മലയാളം / カ\u{3099}ード";

#[test]
fn text_that_shows_nothing_is_blank() {
    expect(
        "\u{2800}\u{a0} / \u{3000} / \u{13441} / \u{16fe4} / \u{1d159} / \u{1f3fb} / \u{301}",
        Some("empty"),
    );
    expect(" ", Some("empty"));
    expect(" . ", None);
}

#[test]
fn hidden_character_is_found_where_nothing_needs_it() {
    for hidden in HIDDEN.split(" / ") {
        for text in
            [format!("Cla{hidden}ude"), format!("{hidden}Claude"), format!("Claude{hidden}")]
        {
            expect(&text, Some("display_text"));
        }
    }
    expect(MISPLACED, Some("display_text"));
}

const HIDDEN: &str = "\u{ad} / \u{34f} / \u{61c} / \u{115f} / \u{17b4} / \u{180b} / \u{180e} / \u{180f} / \u{200b} / \u{200c} / \
    \u{200d} / \u{200e} / \u{200f} / \u{202e} / \u{2060} / \u{2065} / \u{2066} / \u{3164} / \u{fe00} / \u{fe0e} / \
    \u{fe0f} / \u{feff} / \u{ffa0} / \u{fff0} / \u{fff8} / \u{fff9} / \u{ffff} / \u{fdd0} / \u{1bca0} / \u{1d173} / \
    \u{e0001} / \u{e0061} / \u{e007f} / \u{e0100} / \u{e000} / \u{f8ff} / \u{f0000} / \u{10fffd} / \u{2028} / \
    \u{7}";
const MISPLACED: &str = "👍\u{200d} / \u{200d}👍 / 👍\u{200d}Claude / می\u{200c}\u{200c}شود / a\u{200d}می / می\u{200d}a / 1\u{fe0f} / \
    \u{1f3f4}\u{e0067} / \u{1f3f4}\u{e007f} / 👍\u{e0067}\u{e007f} / 👍\u{fe0f}\u{fe0f} / \
    \u{1f3f4}\u{e0061}\u{e0062}\u{e0063}\u{e0064}\u{e0065}\u{e0066}\u{e0067}\u{e007f} / עברית\u{200f}\u{200f} / \
    עברית\u{61c}\u{200f} / עברית Cla\u{200f}ude / (API)\u{200f} עברית / Claudeهـ\u{200d}\u{200d} / هـ\u{200c} / \
    1\u{200f}";

#[test]
fn scripts_and_emoji_keep_what_they_need() {
    expect(NEEDED, None);
}

const NEEDED: &str = "Claude Desktop 3.5 / می\u{200c}شود / क्\u{200d}ष / അവന\u{d4d}\u{200d} / ශ්\u{200d}රී / عربي\u{200f}! / \
    (עברית\u{200f}) / אפליקציה (API)\u{200f} / تطبيق (API)\u{61c}! / אפליקציה 2.0\u{200f} (API)\u{200f} / \
    هـ\u{200d} / قرن هـ\u{200d} (هجري) / 👩\u{200d}💻 / 👩🏽\u{200d}💻 app / ❤\u{fe0f} / ❤\u{fe0f}\u{200d}🔥 / \
    🏳\u{fe0f}\u{200d}🌈 / 🏴\u{200d}☠\u{fe0f} / 1\u{fe0f}\u{20e3} / #\u{fe0f}\u{20e3} / 🇩🇪 / \
    🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} / ©\u{fe0f} / ☂\u{fe0e} / 👨\u{200d}👩\u{200d}👧 / 日本";

/// Threat 11.
#[test]
fn letters_of_two_alphabets_in_one_word_are_found() {
    expect(MIXED, Some("mixed_alphabets"));
    expect(UNMIXED, None);
}

const MIXED: &str = "Cl\u{430}ude / \u{421}laude / p\u{3b1}ypal / Яndex / C\u{5d5}aude / C\u{7c1}aude / ᑕᒪᗩᑌᗪE / Ꮯlaude / ⲤLⲀUDE / \
    Cꓡaude / C𐐛aude / C𐓂de / Cاaude / Ｃl\u{430}ude / Githuβ / βeta版 / Appββ版";
const UNMIXED: &str = "Яндекс Browser / ΑΒΓ abc / 日本 App / Café / 한국 Claude / Straße / עברית app / ΔSync / μTorrent / LINEβ版 / Appβ版 / \
    LINE스토어 / 用Claude写 / カタカナApp / แอปLINE / ひらがなカタカナ漢字ABC / ㄅㄆ漢字 / עברית־API / ʻOkina / ᏣᎳᎩ / ᐃᓄᒃᑎᑐᑦ / ქართული / \
    Ελληνικά / Հայերեն / العربية (API) / Ⲙⲉⲧⲣⲉⲙⲛ̀ⲭⲏⲙⲓ / ₵laude / App2 / नमस्ते";

/// Threat 10.
#[test]
fn reserved_name_is_found_in_every_disguise() {
    for name in DISGUISES.split(" / ") {
        assert!(is_reserved(&["Claude"], name), "{name}");
    }
    for name in OTHER_NAMES.split(" / ") {
        assert!(!is_reserved(&["Claude"], name), "{name}");
    }
    for name in ["Visua1 Studi0 Code", "VisualStudioCode", "visual-studio-code (Insiders)"] {
        assert!(is_reserved(&["Visual Studio Code"], name), "{name}");
    }
    assert!(!is_reserved(&["Visual Studio Code"], "Visual Studio"));
    for name in ["Googlette", "Goo", "G\u{f8}glegle"] {
        assert!(!is_reserved(&["Google"], name), "{name}");
    }
    assert!(is_reserved(&["Microsoft"], "rnicrosoft"));
}

const DISGUISES: &str = "Claude / CLAUDE / claude / Ｃlaude / Cl\u{430}ude / C1aude / CIaude / Çläudé / C l a u d e / C.l.a.u.d.e / \
    Cl\u{301}aude / 𝐂𝐥𝐚𝐮𝐝𝐞 / 𝕔𝕝𝕒𝕦𝕕𝕖 / Ⓒⓛⓐⓤⓓⓔ / Claude Desktop / The (Claude) app / \u{421}laude / Claude™ / \
    CLAUDE℠ / c|aude / Cl\u{1ea1}ude / C\u{217c}aude / C\u{2113}aude / ꓚꓡꓮꓴꓓꓰ / ᴄʟᴀᴜᴅᴇ / 🅲🅻🅰🆄🅳🅴 / \
    C l a u d e Desktop / ClaudeDesktop / MyClaude / CLAUDEDesktop / Claude2 / Claude3.5 / 4Claude / ℂlaude / \
    ℭ𝔩𝔞𝔲𝔡𝔢 / Ⅽlaude / ᶜᴸᴬᵁᴰᴱ / ᏟᏞᎪᏌᎠᎬ / ꮯlaude / ᑕᒪᗩᑌᗪE / Ⲥlaude / ₵laude / Cוaude / C߁aude / ₵ⱠȺɄĐɆ / \
    🇨 🇱 🇦 🇺 🇩 🇪 / ⒞⒧⒜⒰⒟⒠ / 🄲🄻🄰🅄🄳🄴 / cʟаυԁе / ₵Claude / Cl𝚊ude / Ϲlaude / C𐐛aude / Claudé / Claude|Desktop / \
    £laude Claude / C∣aude / Claude助手 / Claudeアプリ / Claude앱 / Claudeㅏ / Claudeแอป / 谷歌Claude助手 / Claudeक / \
    कClaude / ΔClaude / Claudeб / CLAUDEapp / Claude\u{1d159} / Claude\u{16fe4} / Claude\u{13441} / \
    Claude\u{1680} / Claude\u{fffc}app / Cl\u{fffc}aude / Claude\u{94d} / Claude\u{735} / Claude\u{ff9f}app / \
    C\u{ff9e}laude / C\u{735}laude / C\u{900}laude / C\u{1cd0}laude / C\u{a8e0}laude / C\u{1e000}laude / \
    C\u{1d165}laude / C\u{94d}laude / C\u{b01}laude / C\u{640}laude / C\u{3163}aude / C\u{4e28}aude / \
    C\u{ffdc}aude / C\u{964}aude / C\u{2758}aude / C\u{23ae}aude / C\u{23d0}aude / C\u{2551}aude / C\u{258f}aude / \
    C\u{2595}aude / C\u{fe31}aude / C!aude / Cl@ude / \u{2282}laude / \u{5315}laude / CLΛUDE";
const OTHER_NAMES: &str =
    "Claudette / Cloud / claudia / Jean-Claudel / Клод / Include / Xclaude / Æclaude / CLAUDETTE";

#[test]
fn every_reserved_name_is_found_among_many() {
    let reserved = ["a b", "ab c", "abcab", "bcabd", "cab", "b", "xyz", "xya", "Ab Cab D"];
    // By the definition: some words in a row are the letters of the name.
    let slow = |name: &str| {
        let words: Vec<&str> = name.split(' ').filter(|word| !word.is_empty()).collect();
        (0..words.len()).any(|from| {
            (from..words.len()).any(|to| {
                let run = words[from..=to].concat();
                reserved.iter().any(|known| known.replace(' ', "").to_lowercase() == run)
            })
        })
    };
    let vars = json!({"METADATA": shipped_metadata(), "POLICY": {"reserved_names": reserved}});
    let server = Server::configured(settings(&vars));
    let check = |name: &str| {
        let answer = server.register(&client(&json!({"client_name": name})));
        assert_eq!(answer.status() == 400, slow(name), "{name}");
    };
    let letters = ['a', 'b', 'c', 'd', ' '];
    for mut number in 0..5_usize.pow(5) {
        let mut name = String::from("x");
        for _ in 0..5 {
            name.push(letters[number % 5]);
            number /= 5;
        }
        check(&name);
        if !name[1..].trim().is_empty() {
            check(&name[1..]);
        }
    }
    for name in ["abcabd", "a bcab d", "xabcabd", "x abcabd", "abcabdx", "abcab ab cab d"] {
        check(name);
    }
}

#[test]
fn reserved_names_of_other_scripts_are_compared_in_their_normal_form() {
    for (pairs, found) in [(SAME, true), (DIFFERENT, false)] {
        for pair in pairs.split(" / ") {
            let (reserved, name) = pair.split_once(" = ").unwrap();
            assert_eq!(is_reserved(&[reserved], name), found, "{pair}");
        }
    }
}

/// A reserved name, and a name that looks like it.
const SAME: &str = "Google = Go\u{101d}gle / Google = Go\u{d20}gle / Google = Go\u{12d0}gle / Google = Go\u{3007}gle / \
    Google = Go○gle / Google = Go◯gle / Google = Go\u{3147}gle / Apple = A\u{2374}ple / Spotify = $potify / \
    Yahoo! = Yahoo Mail / Yahoo = Yahoo! / Yahoo Mail = Yahoo! Mail / メルカリ = ﾒﾙｶﾘ / ガード = カ\u{3099}ード / \
    카카오 = \u{110f}\u{1161}\u{110f}\u{1161}\u{110b}\u{1169} / \u{8c48} = \u{f900} / Яндекс = ЯНДЕКС / \
    Яндекс = \u{42f}\u{43d}\u{434}\u{435}\u{43a}\u{441} / الله = \u{fdf2} / é = e\u{301} / 微信 = 微信登录 / 微信 = 用微信 / \
    카카오톡 = 카카오톡로그인 / カカオ = カカオアプリ / カカオ = Appカカオ / ไลน์ = ไลน์แชท / ΛΑΔΑ = λαδα / Яндекс = ЯндексApp";
/// A reserved name, and a name that does not.
const DIFFERENT: &str = "メルカリ = メルカ / 카카오 = 카카옥 / 카 = 칵 / カカオ = ガカオ / カカ = カガ / Яндекс = Яндексы";
