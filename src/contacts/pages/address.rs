//! The field for an e-mail address, as visitors' forms have it: what was certainly meant is taken, what was probably meant
//! is offered as a button.

use crate::values::EmailAddress;
use crate::web::Form;
use crate::web::layout::{Choice, Field};

/// Reads the field `name`. `Err`: the field as it was typed, with what is wrong and with what to press.
pub(crate) fn read(form: &Form, name: &'static str) -> Result<EmailAddress, Field> {
    let typed = form.text(name);
    let (kept, problem, meant) = match EmailAddress::read(typed) {
        Ok(address) => match address.doubt().filter(|_| !is_sure(form, name, &address)) {
            None => return Ok(address),
            Some(meant) => (Some(address), None, vec![meant]),
        },
        Err(misread) => {
            let with_doubts = misread.meant.into_iter().flat_map(|meant| [meant.doubt(), Some(meant)]);
            (None, Some(misread.problem), with_doubts.flatten().collect())
        }
    };
    // Typed over meanwhile, the button of an earlier page says nothing.
    let chosen = form.text(&meant_field(name));
    if let Some(meant) = meant.iter().find(|meant| meant.as_str() == chosen) {
        return Ok(meant.clone());
    }
    let offered: Vec<&str> = meant.iter().map(EmailAddress::as_str).collect();
    let error = match (&kept, problem) {
        (Some(_), _) => format!("Did you mean {}? Choose one of the two.", offered.join(" or ")),
        (None, Some(problem)) if offered.is_empty() => problem.to_string(),
        (None, _) => format!("Did you mean {}?", offered.join(" or ")),
    };
    Err(Field {
        error: Some(error),
        choices: choices(name, &meant, kept.as_ref()),
        ..Field::of(typed)
    })
}

/// The field where the form is shown again for another mistake: the address that was read, else what was typed.
pub(crate) fn shown(form: &Form, name: &'static str) -> Field {
    match read(form, name) {
        Ok(address) => Field {
            value: address.to_string(),
            sure: is_sure(form, name, &address).then(|| address.to_string()),
            ..Field::default()
        },
        Err(field) => Field::of(field.value),
    }
}

/// Pressed as a button it says "yes"; carried along it names the address it was said of.
fn is_sure(form: &Form, name: &str, address: &EmailAddress) -> bool {
    let said = [format!("{name}_sure"), "email_sure".to_owned()].map(|field| form.text(&field).to_owned());
    said.iter().any(|said| said == "yes" || said == address.as_str())
}

fn choices(name: &str, meant: &[EmailAddress], kept: Option<&EmailAddress>) -> Vec<Choice> {
    let uses = meant.iter().map(|meant| Choice {
        name: meant_field(name),
        value: meant.to_string(),
        label: format!("Use {meant}"),
    });
    let keeps = kept.map(|address| Choice {
        name: format!("{name}_sure"),
        value: "yes".to_owned(),
        label: format!("Keep {address}"),
    });
    uses.chain(keeps).collect()
}

fn meant_field(name: &str) -> String {
    format!("{name}_meant")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(query: &str) -> Result<String, (String, Vec<String>)> {
        let read = read(&Form::decode(query.as_bytes()), "email");
        read.map(|address| address.to_string()).map_err(|field| {
            let labels = field.choices.into_iter().map(|choice| choice.label).collect();
            (field.error.unwrap(), labels)
        })
    }

    #[test]
    fn what_is_certain_is_taken_and_what_is_likely_is_offered() {
        assert_eq!(posted("email=Ada+<ada@example.org>").unwrap(), "ada@example.org");
        let (problem, labels) = posted("email=ada@example,org").unwrap_err();
        assert_eq!(problem, "Did you mean ada@example.org?");
        assert_eq!(labels, ["Use ada@example.org"]);
        assert_eq!(
            posted("email=ada@example,org&email_meant=ada@example.org").unwrap(),
            "ada@example.org"
        );
        let (problem, labels) = posted("email=ada").unwrap_err();
        assert_eq!(
            (problem.as_str(), labels.len()),
            ("Enter an e-mail address like name@example.org.", 0)
        );
    }

    #[test]
    fn a_slip_is_asked_about_once() {
        let (_, labels) = posted("email=ada@gmail.con").unwrap_err();
        assert_eq!(labels, ["Use ada@gmail.com", "Keep ada@gmail.con"]);
        assert_eq!(posted("email=ada@gmail.con&email_sure=yes").unwrap(), "ada@gmail.con");
        assert_eq!(
            posted("email=ada@gmail.con&email_meant=ada@gmail.com").unwrap(),
            "ada@gmail.com"
        );
    }

    #[test]
    fn what_was_chosen_stays_where_another_field_is_wrong() {
        let shown = |query: &str| {
            let field = shown(&Form::decode(query.as_bytes()), "email");
            (field.value, field.sure)
        };
        let plain = |value: &str| (value.to_owned(), None);
        assert_eq!(
            shown("email=ada@example,org&email_meant=ada@example.org"),
            plain("ada@example.org")
        );
        assert_eq!(shown("email=Ada+<ada@example.org>"), plain("ada@example.org"));
        assert_eq!(shown("email=ada@gmail.con"), plain("ada@gmail.con"));
        let sure = ("ada@gmail.con".to_owned(), Some("ada@gmail.con".to_owned()));
        assert_eq!(shown("email=ada@gmail.con&email_sure=yes"), sure);
        assert_eq!(shown("email=ada@gmail.con&email_sure=ada@gmail.con"), sure);
        assert!(
            posted("email=bob@gmial.com&email_sure=ada@gmail.con").is_err(),
            "said of another one"
        );
    }

    #[test]
    fn what_was_meant_may_be_a_slip_itself() {
        let (_, labels) = posted("email=ada@gmail,con").unwrap_err();
        assert_eq!(labels, ["Use ada@gmail.com", "Use ada@gmail.con"]);
    }

    #[test]
    fn a_button_says_nothing_about_another_address() {
        assert_eq!(
            posted("email=bob@example.org&email_meant=ada@example.org").unwrap(),
            "bob@example.org"
        );
        assert!(posted("email=bob@example,org&email_meant=ada@example.org").is_err());
    }
}
