//! Sign-on: organizers prove who they are to an OpenID Connect provider (Core 1.0, code flow with PKCE). An account is bound to
//! issuer and subject once, by an invitation or by its owner; from then on the address plays no part.

mod binding;
mod flow;
mod provider;
mod token;

pub(in crate::organizers) use binding::{Bound, bind_invited, connect, keep_role, role_of, signed_on};
pub(in crate::organizers) use flow::{Begun, SignOnPurpose};
pub(crate) use provider::Provider;
pub(in crate::organizers) use provider::SignOnError;
pub(in crate::organizers) use token::IdClaims;
