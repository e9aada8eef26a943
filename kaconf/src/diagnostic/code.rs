use std::fmt;
use std::sync::LazyLock;

/// Makes the enum, its numbers and its titles from one list.
macro_rules! codes {
    ($($number:literal $name:ident $title:literal)*) => {
        /// A kind of problem, with a number that never changes its meaning: `KA0001`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Code {
            $(#[doc = $title] $name = $number,)*
        }

        /// The names of the variants, in the order of the numbers.
        const VARIANTS: &[&str] = &[$(stringify!($name)),*];

        impl Code {
            /// Every code, in the order of the numbers.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// What kind of problem it is, in a few words.
            pub fn title(self) -> &'static str {
                match self {
                    $(Code::$name => $title,)*
                }
            }
        }
    };
}

codes! {
    // Files and characters.
    1 Unreadable "a file cannot be read"
    2 FileTooLarge "a file is larger than the limit"
    3 ByteOrderMark "a byte order mark stands at the start of a file"
    4 OddBlank "a character looks like a blank and is none"
    5 LoneCarriageReturn "a line ends with a carriage return alone"
    6 NulByte "a line holds a NUL byte"
    7 UnterminatedQuote "a double quote has no partner on its line"
    8 LineTooLong "a line is longer than the limit"
    9 NotUtf8 "a value is not UTF-8"

    // Includes and expansions.
    20 NothingIncluded "an include matches no file"
    21 IncludeTooDeep "includes are nested too deeply"
    22 TooManyFiles "a configuration includes too many files"
    23 InvalidPattern "the pattern of an include is malformed"
    24 UndefinedVariable "a variable is not defined"
    25 NotExpanded "a variable is not expanded where it stands"
    26 InvalidSequence "a sequence or a list is malformed"
    27 ExpansionTooLarge "what variables and sequences expand to is too much"
    28 ExpansionTooDeep "variables are nested too deeply"
    29 InvalidArgument "the arguments of a predefined variable are wrong"

    // Statements and blocks.
    40 UnknownKeyword "a statement begins with no keyword"
    41 MisplacedKeyword "a keyword stands in a block that is not its own"
    42 NotSupportedYet "kad does not support a keyword yet"
    43 MissingArgument "a keyword lacks an argument"
    44 LostStatement "a second statement on a line is ignored"
    45 UnknownBlock "a block has no known name"
    46 MissingOpen "a block lacks its opening brace"
    47 UnexpectedOpen "an opening brace stands where no block can be"
    48 UnexpectedClose "a closing brace closes nothing"
    49 MissingClose "a block is not closed"
    50 TooDeep "blocks are nested too deeply"
    51 TooManyProblems "there are more problems than are shown"
    52 ExtraWords "words follow where none may"
    53 NoEffect "a keyword has no effect in kad"
    54 Refused "kad refuses a keyword"
    55 Repeated "a statement is repeated"
    56 UnknownLint "a comment names no diagnostic"
    57 DuplicateName "two blocks of a kind have one name"
    58 UnknownName "a name is nothing's"
    59 Unused "a definition is never used"
    60 FlagTurnedOff "a flag is followed by a word that would turn it off"

    // Values.
    70 InvalidNumber "a value is not a number"
    71 OutOfRange "a number is out of its range"
    72 InvalidBoolean "a value is not a boolean"
    73 InvalidChoice "a value is none of those possible"
    74 InvalidAddress "a value is not an IP address"
    75 InvalidPrefixLength "a prefix length is not one"
    76 WrongFamily "an address is of the other family"
    77 NotMulticast "an address is not a multicast address"
    78 Rounded "a value is rounded"
    79 ValueTooLong "a value is too long"
    80 UnknownOption "an option is not known"
    81 OptionWithoutValue "an option lacks its value"
    82 OptionNotSupportedYet "kad does not support an option yet"
    83 RepeatedOption "an option is given twice"
    84 EmptyValue "a value is empty"
    85 InvalidKey "a key is not one"

    // Virtual routers.
    100 NoInterface "a virtual router has no interface"
    101 NoVirtualRouterId "a virtual router has no id"
    102 NoVirtualAddress "a virtual router has no address"
    103 DuplicateInstance "two virtual routers have one name"
    104 DuplicateVirtualRouterId "two virtual routers share id, interface and family"
    105 Ipv6NeedsVersion3 "IPv6 needs version 3"
    106 AuthenticationIgnored "version 3 has no authentication"
    107 PasswordTruncated "a password is longer than 8 bytes"
    108 IncompleteAuthentication "authentication lacks its type or its password"
    109 IntervalRounded "version 2 counts whole seconds"
    110 IntervalTooLong "an interval is longer than version 3 can say"
    111 PreemptionIgnored "a setting about preemption cannot take effect"
    112 StateRepeated "the state is given twice"
    113 UnicastWithoutPeers "a unicast setting has no peers to go with"
    114 TtlRangeEmpty "no TTL is within the limits"
    115 DuplicateAddress "an address is given twice"
    116 OwnAddressAsPeer "a router is its own peer"
    117 InTwoGroups "a virtual router is in two groups"
    118 EmptyGroup "a group has no virtual router"
    119 GroupOfOne "a group has one virtual router only"
    120 GroupMixesOwners "a group mixes owners of addresses and others"
    121 PasswordCut "a password ends at a comment character"
    122 PriorityUnset "a master without a priority owns the addresses"
    123 StrictChanges "strict mode changes what the file says"

    // Scripts and what is tracked.
    130 CommandUnquoted "words after a command are not a part of it"
    131 CommandUnbalanced "a quote in a command is not closed"
    132 ShellSyntax "shell syntax stands where there is no shell"
    133 PathNotAbsolute "a program is not given by its whole path"
    134 ScriptSecurityOff "scripts run without enable_script_security"
    135 NoScript "a script, file or process to track is not given"
    136 TrackedTwice "something is tracked twice"
    137 WeightLimited "a weight is larger than can count"
    138 QuorumUnreachable "a quorum and its maximum exclude each other"
    139 NoNeighbour "a BFD session has no neighbour"
    140 WeightIgnored "a weight cannot take effect"

    // Addresses, routes and rules.
    151 NoDestination "a route has no destination"
    152 NoAction "a rule has no action"
    153 NoRulePriority "a rule has no priority"
    154 TableByName "a routing table is given by a name"
    155 GarpGroupIdle "a garp_group has no interval"
    156 InTwoGarpGroups "an interface is in two garp_groups"
    157 NotAHostAddress "an address is that of a network, or its broadcast address"
    158 BroadcastOutside "a broadcast address is outside its network"
    159 TooManyAddresses "there are more addresses than an advert can list"

    // Virtual servers.
    170 DuplicateVirtualServer "two virtual servers balance the same"
    171 DuplicateRealServer "two real servers of a virtual server are the same"
    172 PortForced "a real server cannot have another port than its service"
    173 QuorumTooLarge "a quorum is more than all real servers together"
    174 HysteresisTooLarge "a hysteresis is not less than its quorum"
    175 NoRealServer "a virtual server has no real server"
    176 NoChecker "no real server of a virtual server is checked"
    177 SorryServerInPool "a sorry server is a real server too"
    178 FlagsWithoutMeaning "the scheduler knows no such flags"
    179 OnePacketWithoutUdp "one-packet scheduling is for UDP"
    180 SuspendWithoutAddress "only a service with one address can be suspended"
    181 CheckDoesNotFit "checks speak another protocol than their service"
    182 AlphaWithoutChecker "a server waits for checks that it has not"
    183 IncompleteChecker "a checker lacks what it must have"
    184 InvalidDigest "a digest is not one"
    185 InvalidStatusCode "a status code is not one"
    186 FamiliesMixed "two addresses must be of one family"
    187 NoPort "a port is missing"
    188 FamilyUnknown "nothing says of which family a service is"
    189 NoWeight "all real servers have weight 0"
    190 DefaultTaken "a virtual server leaves out what it should say"
    191 Deprecated "a spelling is out of use"
    192 InvalidTunnel "a tunnel is not one"
    193 InvalidAddressRange "a range of addresses is not one"
    194 InvalidHex "a value is not hexadecimal"
    195 WithoutEffect "a setting has nothing to act on"
    196 NoReplyFits "no reply has a length within the limits"

    // This machine.
    220 NotRunnable "kad cannot run a virtual router"
    221 InterfaceMissing "an interface does not exist"
    222 AddressOutsideNetworks "a virtual address is outside every network of its interface"
    223 SourceAddressMissing "a source address is not this machine's"
    224 ScriptMissing "a script does not exist"
    225 ScriptNotExecutable "a script cannot be executed"
    226 ScriptWritable "a script can be changed by others than root"
    227 MachineUnknown "this machine cannot be looked at"
    228 UserMissing "a user or a group does not exist"
    229 KeyFileExposed "a file with a key can be read by others"

    // Several files of one cluster.
    240 VersionsDiffer "the routers of a virtual router speak different versions"
    241 IntervalsDiffer "the routers of a virtual router have different intervals"
    242 AuthenticationDiffers "the routers of a virtual router authenticate differently"
    243 AddressesDiffer "the routers of a virtual router have different addresses"
    244 DeliveriesDiffer "the routers of a virtual router send their adverts differently"
    245 PeerNotMutual "a router does not list another as its peer"
    246 PeerUnknown "a peer is none of the routers"
    247 InstanceAlone "a virtual router has only one router"
    248 IdentifiersDiffer "two instances look like one virtual router and are not"
    249 PrioritiesTie "two routers of a virtual router have one priority"
    250 PrioritiesCross "the priorities in a sync group cross"
    251 OwnersClash "a virtual router has two owners"
    252 ElectionFails "a virtual router has no master, or several"
    253 SourceAddressShared "two routers of a virtual router send from one address"
    254 WeightTooSmall "a weight is too small to change who is master"
}

impl Code {
    /// The number.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The name by which a comment or a command line speaks of it: `password-truncated`.
    pub fn name(self) -> &'static str {
        let place = Code::ALL.binary_search(&self).ok();
        place
            .and_then(|place| NAMES.get(place))
            .map_or("", String::as_str)
    }

    /// The code with a name, or with a number as it is shown: `KA0107`.
    pub fn from_name(name: &str) -> Option<Self> {
        let number = name
            .strip_prefix("KA")
            .and_then(|number| number.parse::<u16>().ok());
        let is_it = |code: &&Code| code.name() == name || Some(code.number()) == number;
        Code::ALL.iter().find(is_it).copied()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KA{:04}", self.number())
    }
}

/// `PasswordTruncated` as `password-truncated`.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| VARIANTS.iter().copied().map(kebab).collect());

fn kebab(variant: &str) -> String {
    let mut name = String::with_capacity(variant.len() + 4);
    for character in variant.chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names_of_one_code() {
        for &code in Code::ALL {
            assert_eq!(Code::from_name(code.name()), Some(code));
            assert_eq!(Code::from_name(&code.to_string()), Some(code));
        }
        assert_eq!(Code::PasswordTruncated.name(), "password-truncated");
        assert_eq!(Code::from_name("KA9999"), None);
        assert_eq!(Code::from_name(""), None);
    }

    #[test]
    fn numbers_rise() {
        assert!(Code::ALL.is_sorted_by_key(|code| code.number()));
        assert_eq!(Code::Unreadable.to_string(), "KA0001");
    }
}
