//! What to do about what a relay says, in words for whoever runs this program.

use super::smtp::reply::Reply;

/// Words of a reply, and what to do. The first row that fits counts.
const ADVICE: [(&[&str], &str); 6] = [
    (
        &[
            "helo",
            "ehlo",
            "fully-qualified",
            "reverse hostname",
            "reverse dns",
            "ptr record",
        ],
        "Set smtp_helo to the full name of this machine, as DNS knows it",
    ),
    (
        &["cannot connect", "did not answer", "the relay broke", "greeting"],
        "Check host and port in smtp_url, and the firewall",
    ),
    (
        &[
            "5.7.8",
            "5.7.9",
            "credentials",
            "authentication failed",
            "authentication unsuccessful",
            "sign-in",
        ],
        "Check user and password in smtp_url, smtp_password_file or smtp_token_command",
    ),
    (
        &[
            "relay",
            "authentic",
            "not owned",
            "not authorized",
            "not allowed",
            "not permitted",
        ],
        "Set mail_from to an address that the user in smtp_url may send from, and check that user",
    ),
    (
        &["sender", "domain", "mail from", "return path", "spf", "dkim", "dmarc"],
        "Set mail_from to an address whose domain exists, takes mail, and lets this relay send for it",
    ),
    (
        &["rate", "too many", "limit", "quota"],
        "Set smtp_rate below what the relay allows, or ask for more",
    ),
];

/// One sentence, without its stop.
#[must_use]
pub fn what_to_do(reply: &Reply) -> &'static str {
    let words = reply.text.to_lowercase();
    let row = ADVICE
        .iter()
        .find(|(list, _)| list.iter().any(|word| words.contains(word)));
    match row {
        Some((_, advice)) => advice,
        None if reply.code == 0 => "Check host, port, user, password and tls in smtp_url",
        None => "Ask whoever runs the relay what it means",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_relays_say_and_what_helps() {
        for (code, text, helps) in [
            (
                504,
                "5.5.2 <vm>: Helo command rejected: need fully-qualified hostname",
                "smtp_helo",
            ),
            (0, "Cannot connect to the relay: connection refused.", "host and port"),
            (0, "The relay did not answer in time (greeting).", "host and port"),
            (535, "5.7.8 Error: authentication failed:", "password"),
            (
                550,
                "5.1.8 (address): Sender address rejected: Domain not found",
                "mail_from",
            ),
            (554, "5.7.1 (address): Relay access denied", "mail_from"),
            (550, "5.4.5 Daily user sending limit exceeded", "smtp_rate"),
            (554, "5.3.0 no", "Ask"),
        ] {
            let advice = what_to_do(&Reply::new(code, text));
            assert!(advice.contains(helps), "{text}: {advice}");
        }
    }
}
