//! `GET, POST /assessment`: what it is, and starting one.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::assessment::charts::Overlap;
use crate::assessment::model::assessment::AnsweredAs;
use crate::assessment::pages::taking::form_id;
use crate::assessment::pages::taking::questions::begun;
use crate::assessment::store::assessments::{self, NewAssessment};
use crate::assessment::words::bank::Bank;
use crate::assessment::words::reading::Reading;
use crate::assessment::words::sample::sample_reading;
use crate::assessment::{CustomerSide, Parties, Relationship};
use crate::framed;
use crate::values::PublicId;
use crate::web::gate::Admission;
use crate::web::layout::{Field, Keeping, Layout, Mistake, Section, mistakes};
use crate::web::{Answer, AppState, Form, Share, Visitor, ok, page, too_many};

#[derive(Template)]
#[template(path = "assessment/start.html")]
struct StartPage {
    layout: Layout,
    /// Why the last post was not taken, where it is no mistake in a field.
    problem: Option<String>,
    form: PartiesForm,
    /// What a result looks like.
    sample: Reading,
    overlap: Option<Overlap>,
}

framed!(StartPage);

/// What kind of partnership it is, and what the two sides are called.
#[derive(Default)]
pub(crate) struct PartiesForm {
    /// Drawn when the form is shown: posted twice, it starts one thing.
    pub(crate) form_id: String,
    pub(crate) relationship: Field,
    pub(crate) side: Field,
    pub(crate) us: Field,
    pub(crate) partner: Field,
}

impl PartiesForm {
    /// An empty one.
    pub(crate) fn new(state: &AppState) -> Self {
        Self {
            form_id: form_id::fresh(state),
            ..Self::default()
        }
    }

    /// As it was filled in.
    pub(crate) fn typed(state: &AppState, form: &Form) -> Self {
        Self {
            form_id: form_id::sign(state, form_id::read(state, form)),
            relationship: Field::of(form.text("type")),
            side: Field::of(form.text("side")),
            us: Field::of(form.text("us")),
            partner: Field::of(form.text("partner")),
        }
    }

    pub(crate) fn mistakes(&self) -> Vec<Mistake> {
        mistakes(&[
            ("type", &self.relationship),
            ("side", &self.side),
            ("us", &self.us),
            ("partner", &self.partner),
        ])
    }

    /// Reads a post: all mistakes at once.
    pub(crate) fn parse(state: &AppState, form: &Form) -> Result<(PublicId, Parties), Box<Self>> {
        let mut typed = Self::typed(state, form);
        let relationship = Relationship::parse(form.text("type"));
        if relationship.is_none() {
            typed.relationship.error = Some("Choose what kind of partnership it is.".to_owned());
        }
        let side = CustomerSide::parse(form.text("side")).filter(|_| relationship == Some(Relationship::Customer));
        if relationship == Some(Relationship::Customer) && side.is_none() {
            typed.side.error = Some("Choose which side you are on.".to_owned());
        }
        let usual = Parties::default_names(relationship.unwrap_or(Relationship::Partner), side);
        let us = Parties::parse_name(form.text("us"), usual.0);
        let partner = Parties::parse_name(form.text("partner"), usual.1);
        if let (Ok(us), Ok(partner)) = (&us, &partner)
            && us.to_lowercase() == partner.to_lowercase()
        {
            typed.partner.error = Some("Give the two sides different names.".to_owned());
        }
        typed.us.error = us.as_ref().err().map(ToString::to_string);
        typed.partner.error = typed
            .partner
            .error
            .or_else(|| partner.as_ref().err().map(ToString::to_string));
        match (relationship, us, partner) {
            (Some(relationship), Ok(us), Ok(partner)) if typed.mistakes().is_empty() => Ok((
                form_id::read(state, form),
                Parties {
                    relationship,
                    side,
                    us,
                    partner,
                },
            )),
            _ => Err(Box::new(typed)),
        }
    }
}

/// `GET /assessment`
pub(crate) async fn show(state: Data<AppState>, bank: Data<Arc<Bank>>, visitor: Visitor) -> Answer {
    ok(&start_page(&state, &bank, &visitor, PartiesForm::new(&state)))
}

/// `POST /assessment`
pub(crate) async fn begin(
    state: Data<AppState>,
    bank: Data<Arc<Bank>>,
    visitor: Visitor,
    admission: Admission,
    form: Form,
) -> Answer {
    let (id, parties) = match PartiesForm::parse(&state, &form) {
        Ok(parsed) => parsed,
        Err(mistaken) => {
            return page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &start_page(&state, &bank, &visitor, *mistaken),
            );
        }
    };
    if let Some(wait) = admission.refused() {
        let mut again = start_page(&state, &bank, &visitor, PartiesForm::typed(&state, &form));
        again.problem = Some(too_many::sentence(wait));
        return too_many::answer(page(StatusCode::TOO_MANY_REQUESTS, &again), wait);
    }
    let now = state.clock.now();
    let new = NewAssessment {
        public_id: id,
        first_id: None,
        answered_as: AnsweredAs::Alone,
        parties,
    };
    state
        .db
        .write(move |tx| {
            let new = new.clone();
            Box::pin(async move { assessments::insert(tx, &new, now).await })
        })
        .await?;
    Ok(begun(&state, id))
}

fn start_page(state: &AppState, bank: &Bank, visitor: &Visitor, form: PartiesForm) -> StartPage {
    let mut layout = Layout {
        keeping: Keeping::Drawn,
        ..state.layout(Section::Assessment, "How aligned are you and your partner?")
    }
    .seen_by(visitor)
    .shared_as(Share::of_page(state, "/assessment"));
    "Twenty short statements about both sides of a partnership, about eight minutes, no account."
        .clone_into(&mut layout.description);
    let sample = sample_reading(bank);
    StartPage {
        layout,
        problem: None,
        form,
        overlap: sample.whole.as_ref().map(|whole| Overlap::new(whole.index)),
        sample,
    }
}
