//! The table of look-alikes, made by the compiler.
#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::as_conversions,
    clippy::cast_lossless,
    reason = "runs in the compiler"
)]

/// Characters that look like an ASCII letter or digit, by that letter.
#[rustfmt::skip]
const ROWS: [(char, &str); 34] = [
    ('2', "ƧƻϨჇᒿᘖᲷꙄꝚ"),
    ('3', "ƷȜЗҘӠՅᲕⲜⳄⳌꝪꞫ"),
    ('4', "Ꮞꮞ"),
    ('5', "Ƽ"),
    ('6', "ϬбᏮⳒⳓⳜꮾ"),
    ('7', "ᲄ𐓒"),
    ('8', "Ȣȣ"),
    ('9', "ⳊⳋꝮꝯ"),
    ('a', "ÆæȺɐɑΑαАаӔӕᎪᐱᗅᗩᴀ₳ⱥⱭⲀⲁꓮꭤΛλ∧⋀"),
    ('b', "ÞþƀƁƂƃƄɃɓʙΒβБВЬвѢѣҌҍ\u{7d5}฿ᏏᏴᑲᑳᖯᗷ₿ⲂꓐꞴ"),
    ('c', "¢ƇƈȻȼСсҪҫᏟᑕᲃᴄ₵Ⲥⲥꓚꮯ𐐕𐐽⊂\u{5315}"),
    ('d', "ÐðĐđƉƊƋƌɖɗԀԁᎠᏧᑐᑯᖙᗞᗪᴅⲆⲇꓒꓓ𐆋"),
    ('e', "ƏƐɆɇɘɛΕεЕеҼҽҿᎬᕮᗴᴇ₠€℮⋿Ⲉⲉⴹꓰꬲ"),
    ('f', "ƑƒʄϜք\u{7d3}ᖴᵮẝ₣ꓝꜰꞘꞙꬵ𐅾"),
    ('g', "ƍǤǥɠɡɢԌցᏀᏳᘜᶃ₲ꓖ"),
    ('h', "ĦħɦʜΗНнћҢҺһӇӉհႹᎻᏂᏲᕼⱧⱨⲎꓧꚕ"),
    ('i', "ıƗɨɩɪւᎥᵻᵼⲓꓲꙇꭵ"),
    ('j', "ȷɈɉɟͿϳЈјյᎫᒍᒧᴊꓙꞲ"),
    ('k', "ĸƘƙΚκКкҚҞᏦᛕᴋⱩⱪⲔꓗꝀ"),
    ('l', "£ŁłƖƚǀɫɭʟΙιІіӀӏ\u{5c0}\u{5d5}\u{5df}\u{627}\u{661}\u{673}۱\u{7c1}\u{7ca}ᏆᏞᒪᛁᛅᛐ₤∣⏽│┃ⱠⱡⲒⳐⵊⵏꓡꞁꞮꟾ𐐛\u{964}❘⎮⏐║▏▕\u{4e28}"),
    ('m', "ɱΜμϺМмӍՠᎷᗰᛖᴍᵯⱮⲘꓟꟽꭑ"),
    ('n', "ŊŋƝƞɲɳɴΝηղոռ\u{5d7}\u{5ea}ᑎᵰ₦Ⲛꓠ𐆎"),
    ('o', "ØøŒœƟɵΘΟθοσϭОоѲѳӨөՕօ\u{5dd}\u{5e1}\u{629}\u{647}\u{665}\u{6be}\u{6c1}\u{6c3}\u{6d5}۵\u{6ff}\u{7c0}\u{7cb}०০੦૦ଠ୦௦౦೦൦๐໐တ၀თჿᎤᎾᏫᲂᲿᴏᴑ∅ⲐⲑⲞⲟⴱⵁⵔꓳꝊꝋꬽꬾꭴꮎꮻ𐐄𐐬𐓂𐓪\u{101d}\u{d20}\u{12d0}\u{3007}○◯"),
    ('p', "ƤƥƿΡρϸРрᏢᑭᴘᵽ₱ⲢⲣⳎⳏꓑ⍴"),
    ('q', "ɊɋʠԚԛգզᑫⵕꞯ"),
    ('r', "ƦɌɍɼɽʀгғᎡᏒᖇᴦᵲⱤⲅꓣꞦꭇꭈꮁ𐒴"),
    ('s', "ßƽʂЅѕՏႽჽᏕᏚᔕᲽᵴẞ₴ꓢꜱꟅꮪ𐐠𐑈"),
    ('t', "ŦŧƫƬƭƮȾΤτТтҬ\u{7e0}ᎢᎿᴛᵵ⊤⟙ⲦꓔꚌ"),
    ('u', "ƱɄʋυџՍսᏌᑌᴜᵾ∪⋃ꓴꞟꭎꭒꮜ𐓎𐓶"),
    ('v', "νѴѵ\u{5d8}\u{667}۷Ꮩᐁᐯᴠ∨⋁ⱱⴸꓦꮩ"),
    ('w', "ɯωшѡѽԜԝա\u{5e9}ᎳᏔᗯᴡ₩Ⱳⱳⲽꓪꝡꟺꮃꮤ"),
    ('x', "ΧχХхҲӾӿᕁᕽ᙭᙮ᚷ╳ⲬⵝꓫꞳ"),
    ('y', "¥ƳƴɎɏɣʏΥγУуҮүҰұ\u{7cc}ყᎩᎽᶌỿⲨⲩꓬꭚ"),
    ('z', "ƵƶȤȥʐΖζჍᏃᘔᴢᵶⱫⱬⲌⲍⴭꓜꮓ"),
];

/// Letters of Latin, Greek and Cyrillic up to here are looked up by their place: they are what names are made of.
pub(super) const DENSE: u32 = 0x530;

/// The look-alike of each character below [`DENSE`], 0 for none.
pub(super) static NEAR: [u8; DENSE as usize] = {
    let mut near = [0; DENSE as usize];
    let mut at = 0;
    while at < ALL.len() {
        if ALL[at] >> 8 < DENSE {
            near[(ALL[at] >> 8) as usize] = (ALL[at] & 0xff) as u8;
        }
        at += 1;
    }
    near
};

/// The other characters in their order, each with its look-alike in the lowest byte.
pub(super) static FAR: [u32; COUNT - NEAR_COUNT] = {
    let mut far = [0; COUNT - NEAR_COUNT];
    let mut at = NEAR_COUNT;
    while at < COUNT {
        far[at - NEAR_COUNT] = ALL[at];
        at += 1;
    }
    far
};

const COUNT: usize = {
    let (mut count, mut row) = (0, 0);
    while row < ROWS.len() {
        count += characters(ROWS[row].1);
        row += 1;
    }
    count
};

const NEAR_COUNT: usize = {
    let mut count = 0;
    while ALL[count] >> 8 < DENSE {
        count += 1;
    }
    count
};

/// The characters of [`ROWS`] in their order, each with its look-alike in the lowest byte.
const ALL: [u32; COUNT] = sorted();

const fn characters(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut count, mut at) = (0, 0);
    while at < bytes.len() {
        // Every byte that does not continue a character begins one.
        count += (bytes[at] & 0xc0 != 0x80) as usize;
        at += 1;
    }
    count
}

const fn sorted() -> [u32; COUNT] {
    let mut all = [0; COUNT];
    let (mut count, mut row) = (0, 0);
    while row < ROWS.len() {
        let (letter, text) = ROWS[row];
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let first = bytes[at] as u32;
            let length = if first < 0xe0 {
                2
            } else if first < 0xf0 {
                3
            } else {
                4
            };
            let mut code = first & (0xff >> (length + 1));
            let mut next = 1;
            while next < length {
                code = (code << 6) | (bytes[at + next] & 0x3f) as u32;
                next += 1;
            }
            at += length;
            let entry = (code << 8) | letter as u32;
            let mut place = count;
            while place > 0 && all[place - 1] > entry {
                all[place] = all[place - 1];
                place -= 1;
            }
            all[place] = entry;
            count += 1;
        }
        row += 1;
    }
    all
}
