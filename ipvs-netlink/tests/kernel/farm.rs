//! A client, a director and two real servers, each a network namespace; the bridges between them are in the test's own.

use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use ipvs_guest::{Node, output};
use ipvs_netlink::{Client, Destination, Forward};

/// The services' address, on the director.
pub(crate) const VIRTUAL: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

const INSIDE: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 11), Ipv4Addr::new(10, 0, 0, 12)];
const OUTSIDE: [Ipv4Addr; 2] = [Ipv4Addr::new(192, 0, 2, 11), Ipv4Addr::new(192, 0, 2, 12)];

/// Nothing takes so long on one machine, whatever else it does.
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) struct Farm {
    pub(crate) client: Node,
    pub(crate) director: Node,
    pub(crate) servers: [Node; 2],
    /// Of the director.
    pub(crate) ipvs: Client,
    forward: Forward,
    addresses: [IpAddr; 2],
}

impl Farm {
    /// The servers are behind the director, in a network of their own.
    pub(crate) fn masqueraded() -> Self {
        let farm = Self::new(Forward::Masquerade, INSIDE);
        bridge("outside");
        bridge("inside");
        join(&farm.client, "outside", "eth0", "192.0.2.9/24");
        join(&farm.director, "outside", "eth0", "192.0.2.1/24");
        join(&farm.director, "inside", "eth1", "10.0.0.1/24");
        sysctl(&farm.director, "ipv4/ip_forward", "1");
        for (server, address) in farm.servers.iter().zip(farm.addresses) {
            join(server, "inside", "eth0", &format!("{address}/24"));
            server.output("ip route add default via 10.0.0.1");
        }
        farm
    }

    /// All are in one network; the servers have the services' address too, tell nobody, and answer clients themselves.
    pub(crate) fn direct() -> Self {
        let farm = Self::new(Forward::DirectRoute, OUTSIDE);
        bridge("lan");
        join(&farm.client, "lan", "eth0", "192.0.2.9/24");
        join(&farm.director, "lan", "eth0", "192.0.2.2/24");
        farm.director.output("ip address add 192.0.2.1/32 dev eth0");
        for (server, address) in farm.servers.iter().zip(farm.addresses) {
            sysctl(server, "ipv4/conf/all/arp_ignore", "1");
            sysctl(server, "ipv4/conf/all/arp_announce", "2");
            join(server, "lan", "eth0", &format!("{address}/24"));
            server.output("ip address add 192.0.2.1/32 dev lo");
        }
        farm
    }

    fn new(forward: Forward, addresses: [Ipv4Addr; 2]) -> Self {
        let director = Node::new();
        Self {
            client: Node::new(),
            ipvs: director.run(|| Client::connect().unwrap()),
            director,
            servers: [Node::new(), Node::new()],
            forward,
            addresses: addresses.map(IpAddr::V4),
        }
    }

    /// Where a server is to listen: what is masqueraded comes to its own address.
    fn listening(&self, server: usize) -> IpAddr {
        match self.forward {
            Forward::Masquerade => self.addresses[server],
            _ => VIRTUAL,
        }
    }

    /// The first or the second server, on a port.
    pub(crate) fn destination(&self, server: usize, port: u16) -> Destination {
        Destination::new(SocketAddr::new(self.addresses[server], port), self.forward)
    }

    /// Both servers answer a TCP connection with their number.
    pub(crate) fn serve_numbers(&self, port: u16) {
        for (number, server) in (0..).zip(&self.servers) {
            let address = self.listening(usize::from(number));
            server.run(move || {
                let listener = TcpListener::bind((address, port)).unwrap();
                thread::spawn(move || {
                    for connection in listener.incoming() {
                        let _ = connection.and_then(|mut connection| connection.write_all(&[number]));
                    }
                });
            });
        }
    }

    /// The client connects so many times, one after the other; how often it reached which server.
    pub(crate) fn reached(&self, port: u16, times: usize) -> [usize; 2] {
        self.client.run(move || {
            let mut counts = [0; 2];
            for _ in 0..times {
                let mut connection = TcpStream::connect_timeout(&(VIRTUAL, port).into(), LIMIT).unwrap();
                connection.set_read_timeout(Some(LIMIT)).unwrap();
                let mut number = [0];
                connection.read_exact(&mut number).unwrap();
                counts[usize::from(number[0])] += 1;
            }
            counts
        })
    }

    /// Both servers answer a datagram with the first half of it.
    pub(crate) fn serve_halves(&self, port: u16) {
        for (number, server) in self.servers.iter().enumerate() {
            let address = self.listening(number);
            server.run(move || {
                let socket = UdpSocket::bind((address, port)).unwrap();
                thread::spawn(move || {
                    let mut buffer = [0; 2048];
                    while let Ok((length, client)) = socket.recv_from(&mut buffer) {
                        let _ = socket.send_to(&buffer[..length / 2], client);
                    }
                });
            });
        }
    }

    /// The client sends datagrams from so many sockets and waits for the answer to each.
    pub(crate) fn send(&self, port: u16, sockets: u64, datagrams: u64, length: u64) {
        let length = usize::try_from(length).unwrap();
        self.client.run(move || {
            // All at once, for each is to have a port of its own.
            let bind = |_| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
            let sockets: Vec<_> = (0..sockets).map(bind).collect();
            for socket in &sockets {
                socket.connect((VIRTUAL, port)).unwrap();
                socket.set_read_timeout(Some(LIMIT)).unwrap();
                for _ in 0..datagrams {
                    socket.send(&vec![0; length]).unwrap();
                    assert_eq!(socket.recv(&mut [0; 2048]).unwrap(), length / 2);
                }
            }
        });
    }
}

/// A bridge in the namespace of the test.
pub(crate) fn bridge(name: &str) {
    output(&format!("ip link add {name} type bridge"));
    output(&format!("ip link set {name} up"));
}

/// Gives a node an interface on a bridge, with an address.
pub(crate) fn join(node: &Node, bridge: &str, interface: &str, address: &str) {
    let id = node.id();
    let port = format!("{bridge}{id}");
    output(&format!(
        "ip link add {port} type veth peer name {interface} netns {id}"
    ));
    output(&format!("ip link set {port} master {bridge} up"));
    node.output(&format!("ip address add {address} dev {interface}"));
    node.output(&format!("ip link set {interface} up"));
}

/// Changes a setting of a node, by its name below net.
pub(crate) fn sysctl(node: &Node, name: &str, value: &'static str) {
    let path = format!("/proc/sys/net/{name}");
    node.run(move || fs::write(path, value).unwrap());
}

/// Looks again until it is so.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < end, "in {LIMIT:?} it was not so that {what}");
        thread::sleep(Duration::from_millis(50));
    }
}
