# Makes what the tests of a Request Tracker need in its database. `perl rt_seed.pl TOKENS`: tokens by user go to the file TOKENS.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use JSON;
use RT;

RT->LoadConfig;
RT->InitLogging;
RT->Init;

my %rights = (
    agent    => [qw(SeeQueue ShowTicket ShowTicketComments CommentOnTicket)],
    reader   => [qw(SeeQueue ShowTicket ShowTicketComments)],
    customer => [qw(SeeQueue ShowTicket)],
);
my $system = RT->SystemUser;

sub made {
    my ($class, %what) = @_;
    my $object = $class->new($system);
    my ($id, $message) = $object->Create(%what);
    die "$class: $message\n" unless $id;
    return $object;
}

my $support = made('RT::Queue', Name => 'Support');
made('RT::Queue', Name => 'Elsewhere');

my $root = RT::User->new($system);
$root->Load('root');
my @users = ($root);
for my $name (sort keys %rights) {
    my $user = made(
        'RT::User',
        Name         => $name,
        EmailAddress => "$name\@tracker.example",
        Privileged   => $name eq 'customer' ? 0 : 1,
    );
    for my $right (@{ $rights{$name} }) {
        my ($ok, $message) = $user->PrincipalObj->GrantRight(Right => $right, Object => $support);
        die "$right: $message\n" unless $ok;
    }
    push @users, $user;
}

my %tokens;
for my $user (@users) {
    my ($id, $message, $token) = RT::AuthToken->new($system)->Create(Owner => $user->id, Description => 'tests');
    die "token: $message\n" unless $id;
    $tokens{ $user->Name } = $token;
}
open my $out, '>', $ARGV[0] or die "$ARGV[0]: $!\n";
print {$out} encode_json(\%tokens);
close $out or die "$ARGV[0]: $!\n";
