//! [`is_local`]: which addresses credentials of containers may come from over plain HTTP.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The agent of ECS.
const ECS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);
/// The agent of EKS Pod Identity.
const EKS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 23);
const EKS_IPV6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23);

/// Whether this is the machine itself, or the agent of ECS or EKS next to it.
pub fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address == ECS || address == EKS,
        IpAddr::V6(address) => address.is_loopback() || address == EKS_IPV6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_and_the_two_agents_are_local() {
        for (address, expected) in [
            ("127.0.0.1", true),
            ("127.255.0.9", true),
            ("::1", true),
            ("169.254.170.2", true),
            ("169.254.170.23", true),
            ("fd00:ec2::23", true),
            ("169.254.170.3", false),
            ("169.254.169.254", false),
            ("fd00:ec2::254", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
            ("::ffff:127.0.0.1", false),
        ] {
            assert_eq!(is_local(address.parse().unwrap()), expected, "{address}");
        }
    }
}
