//! The two sides of a partnership: what kind it is, and what each side is called.

use super::answers::Side;
use crate::values::{Label, Problem, Said, not_a_link};

/// What kind of partnership it is. The statements read a little differently in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relationship {
    /// A channel or business partner.
    Partner,
    /// Two teams of one organisation.
    Internal,
    /// A supplier and its customer.
    Customer,
}

impl Relationship {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Partner, Self::Internal, Self::Customer];

    /// As it is posted, stored and exported.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Internal => "internal",
            Self::Customer => "customer",
        }
    }

    /// Reads a key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// As it is read.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Partner => "Business partners",
            Self::Internal => "Teams of one organisation",
            Self::Customer => "Supplier and customer",
        }
    }
}

/// In a customer relationship: which side the respondent is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerSide {
    Supplier,
    Customer,
}

impl CustomerSide {
    /// As it is posted and stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Supplier => "supplier",
            Self::Customer => "customer",
        }
    }

    /// Reads a key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Supplier, Self::Customer]
            .into_iter()
            .find(|side| side.key() == key)
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Supplier => Self::Customer,
            Self::Customer => Self::Supplier,
        }
    }
}

/// The two sides of a partnership, as one respondent calls them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parties {
    /// What kind of partnership it is.
    pub relationship: Relationship,
    /// In a customer relationship, which side the respondent is on.
    pub side: Option<CustomerSide>,
    /// The respondent's own side.
    pub us: String,
    /// The other side.
    pub partner: String,
}

/// Longest name of a side, in characters.
pub(crate) const PARTY_CHARACTERS: usize = 60;

impl Parties {
    /// Reads the name of a side; where nothing was typed, the usual one.
    ///
    /// # Errors
    /// Too long, a link, or with control characters.
    pub fn parse_name(raw: &str, usual: &str) -> Result<String, Problem> {
        if raw.trim().is_empty() {
            return Ok(usual.to_owned());
        }
        let name = Label::parse(raw)?;
        if name.as_str().chars().count() > PARTY_CHARACTERS {
            return Err(Problem::new("Enter at most 60 characters."));
        }
        not_a_link(name.as_str())?;
        Ok(name.as_str().to_owned())
    }

    /// The names where none were typed: ours and the partner's.
    #[must_use]
    pub fn default_names(relationship: Relationship, side: Option<CustomerSide>) -> (&'static str, &'static str) {
        match (relationship, side) {
            (Relationship::Partner, _) => ("Our organisation", "Our partner"),
            (Relationship::Internal, _) => ("Our team", "The other team"),
            (Relationship::Customer, Some(CustomerSide::Customer)) => ("The customer", "The supplier"),
            (Relationship::Customer, _) => ("The supplier", "The customer"),
        }
    }

    /// The same partnership as the other side sees it. Usual names turn with it: "our partner" is another one there.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let side = self.side.map(CustomerSide::other);
        let there = Self::default_names(self.relationship, side);
        Self {
            relationship: self.relationship,
            side,
            us: self.typed_partner().unwrap_or(there.0).to_owned(),
            partner: self.typed_us().unwrap_or(there.1).to_owned(),
        }
    }

    /// The same partnership with that side as the own one.
    #[must_use]
    pub fn seen_from(&self, side: Side) -> Self {
        match side {
            Side::Us => self.clone(),
            Side::Partner => self.mirrored(),
        }
    }

    /// What a side is called here.
    #[must_use]
    pub fn name(&self, side: Side) -> &str {
        match side {
            Side::Us => &self.us,
            Side::Partner => &self.partner,
        }
    }

    /// The same with names that mean one side to whoever reads them: for what both sides see. `usual`: what the own
    /// side and the other one are called where no name was typed.
    #[must_use]
    pub fn for_both(&self, usual: (&str, &str)) -> Self {
        if self.relationship == Relationship::Customer {
            return self.clone();
        }
        Self {
            us: self.typed_us().unwrap_or(usual.0).to_owned(),
            partner: self.typed_partner().unwrap_or(usual.1).to_owned(),
            ..self.clone()
        }
    }

    /// The same for whoever did not type the names: nothing in them can be clicked.
    #[must_use]
    pub fn for_others(&self) -> Self {
        Self {
            us: Said::new(self.us.as_str()).unlinked(),
            partner: Said::new(self.partner.as_str()).unlinked(),
            ..self.clone()
        }
    }

    /// The same for what is mailed to an address that anybody may have typed: usual names where others were typed that are
    /// more than names.
    #[must_use]
    pub fn for_mail(&self) -> Self {
        let usual = Self::default_names(self.relationship, self.side);
        let plain = |name: Option<&str>, usual: &str| {
            name.map_or_else(
                || usual.to_owned(),
                |name| Said::new(name).plain().unwrap_or_else(|| usual.to_owned()),
            )
        };
        Self {
            us: plain(self.typed_us(), usual.0),
            partner: plain(self.typed_partner(), usual.1),
            ..self.clone()
        }
    }

    /// The own side's name, where it is not the usual one.
    #[must_use]
    pub fn typed_us(&self) -> Option<&str> {
        let usual = Self::default_names(self.relationship, self.side).0;
        Some(self.us.as_str()).filter(|name| *name != usual)
    }

    /// The other side's name, where it is not the usual one.
    #[must_use]
    pub fn typed_partner(&self) -> Option<&str> {
        let usual = Self::default_names(self.relationship, self.side).1;
        Some(self.partner.as_str()).filter(|name| *name != usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::model::invitation::INVITATION_SIDES;

    fn usual(relationship: Relationship, side: Option<CustomerSide>) -> Parties {
        let (us, partner) = Parties::default_names(relationship, side);
        Parties {
            relationship,
            side,
            us: us.to_owned(),
            partner: partner.to_owned(),
        }
    }

    fn names(parties: &Parties) -> (&str, &str) {
        (&parties.us, &parties.partner)
    }

    #[test]
    fn usual_names_turn_with_the_side() {
        for relationship in [Relationship::Partner, Relationship::Internal] {
            let parties = usual(relationship, None);
            assert_eq!(parties.mirrored(), parties, "everybody calls the own side so");
            assert_eq!(
                names(&parties.for_both(INVITATION_SIDES)),
                ("The inviting side", "The invited side")
            );
            assert_eq!(
                names(&parties.for_both(INVITATION_SIDES).mirrored()),
                ("The invited side", "The inviting side")
            );
        }
        let supplier = usual(Relationship::Customer, Some(CustomerSide::Supplier));
        assert_eq!(names(&supplier.mirrored()), ("The customer", "The supplier"));
        assert_eq!(supplier.for_both(INVITATION_SIDES), supplier);
    }

    #[test]
    fn typed_names_stay() {
        let mut parties = usual(Relationship::Partner, None);
        "Contoso".clone_into(&mut parties.us);
        assert_eq!(names(&parties.mirrored()), ("Our organisation", "Contoso"));
        assert_eq!(
            names(&parties.for_both(INVITATION_SIDES)),
            ("Contoso", "The invited side")
        );
        assert_eq!(parties.mirrored().mirrored(), parties);
    }
}
