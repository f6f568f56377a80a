//! A workshop on one machine: an instance metadata service and a VPC Lattice-like service behind IAM auth.

pub mod policy;
