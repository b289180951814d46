//! What is said to the relay.

use std::fmt;

pub(super) struct MailFrom<'a> {
    pub(super) from: &'a str,
    pub(super) size: Option<usize>,
}

impl fmt::Display for MailFrom<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MAIL FROM:<{}>", self.from)?;
        if let Some(size) = self.size {
            write!(f, " SIZE={size}")?;
        }
        f.write_str("\r\n")
    }
}

/// Three commands in one write.
pub(super) struct Envelope<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) size: Option<usize>,
}

impl fmt::Display for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}RCPT TO:<{}>\r\nDATA\r\n",
            MailFrom {
                from: self.from,
                size: self.size
            },
            self.to
        )
    }
}
