//! Schemes that no client can be behind, whatever it says.
//!
//! Families rather than names: systems and browsers keep adding handlers to those they have. No list is
//! complete, which `SECURITY.md` says too; an operator who wants to be sure allows schemes by a policy.

use std::sync::LazyLock;

/// Every family, with the reason before it: names, `prefix*` and `*suffix`.
pub const FAMILIES: [&str; 10] = [
    // Run a script, or show a document of the sender's as if it were a page's own.
    "javascript vbscript livescript mocha ecmascript jscript data blob filesystem about mhtml cid mid jar \
     wyciwyg view-source applescript x-man-page man shortcuts workflow shell perlscript powershell",
    // Handlers of Windows: settings, search, help, Office, repair tools.
    "ms-* search search-ms windowsdefender hcp help its mk res read bingmaps onenote onenote-cmd outlookcal \
     mshelp iehistory microsoft.* x-web-search",
    // Handlers of Apple's systems and of Linux desktops.
    "x-apple* x-help* x-webdoc x-dictionary x-coredata dict prefs app-prefs app-settings calshow ghelp trash \
     recent computer network burn admin",
    // Install something, or open the page that does.
    "itms* macappstore* jnlp* market samsungapps appmarket mimarket apt apturl snap appstream lpa \
     steam",
    // Read files, mount a share or open a session on another machine.
    "file content resource resources smb nfs afp cifs disk disks dav davs webdav* afc mtp gphoto2 ftp ftps \
     sftp tftp scp fish rsync svn* git git+* ssh telnet tn3270 tn5250 rlogin rsh vnc rdp spice \
     shareddocuments android.resource",
    // Dial, or write a message.
    "tel telprompt callto facetime* sip sips sms smsto mmsto mailto imessage message xmpp im pres h323 iax \
     skype msnim ymsgr aim",
    // Pay, or add what signs a person in.
    "upi payto bitcoin lightning otpauth*",
    // Speak another protocol, play a stream or subscribe to one.
    "ws wss gopher news nntp snews irc* ldap* rtsp* rtmp* mms mmst mmsh magnet ed2k feed feeds webcal* pcast \
     podcast dns coap coaps geo maps map",
    // Pages of the browser itself or of its extensions.
    "chrome chrome-* *-extension moz-* safari-* x-safari-* edge edge-* devtools brave opera vivaldi \
     com-apple-mobilesafari-tab ext+*",
    // Open any URL in another program.
    "intent android-app microsoft-edge* googlechrome* firefox firefox-* touch-http* opera-http* *-open-url \
     ddgquicklink",
];

/// Schemes that call back an application of Windows, although their names look like handlers.
const CALLBACKS: [&str; 2] = ["ms-app", "ms-appx-web"];

/// Names of things (RFC 8141, RFC 4151, DID, DOI, RFC 4452): they say what something is, not where.
const NAMES: [&str; 11] =
    ["urn", "tag", "did", "doi", "info", "oid", "uuid", "hdl", "ni", "nih", "isbn"];

/// [`FAMILIES`] by the form of their patterns. A request can have hundreds of URIs: each is held against a few.
struct Patterns {
    /// In order.
    names: Vec<&'static str>,
    prefixes: Vec<&'static str>,
    suffixes: Vec<&'static str>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let all = || FAMILIES.iter().flat_map(|family| family.split_ascii_whitespace());
    let mut names: Vec<_> = all().filter(|pattern| !pattern.contains('*')).collect();
    names.sort_unstable();
    Patterns {
        names,
        prefixes: all().filter_map(|pattern| pattern.strip_suffix('*')).collect(),
        suffixes: all().filter_map(|pattern| pattern.strip_prefix('*')).collect(),
    }
});

/// Whether `scheme`, in lower case, belongs to a family that cannot return to a client, or consists of names.
#[must_use]
pub fn is_forbidden(scheme: &str) -> bool {
    let Patterns { names, prefixes, suffixes } = &*PATTERNS;
    // The first byte before the rest: to compare texts takes a call each, and a request can have 300 schemes.
    let starts = |prefix: &&str| {
        scheme.as_bytes().first() == prefix.as_bytes().first() && scheme.starts_with(prefix)
    };
    let in_family = names.binary_search(&scheme).is_ok()
        || prefixes.iter().any(starts)
        || suffixes.iter().any(|suffix| scheme.ends_with(suffix));
    (in_family && !CALLBACKS.contains(&scheme)) || is_name(scheme)
}

/// Whether `scheme`, in lower case, consists of names, to which no browser can be redirected.
#[must_use]
pub fn is_name(scheme: &str) -> bool {
    NAMES.contains(&scheme)
}
