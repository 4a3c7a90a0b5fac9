# Sends messages with the WebSocket client of Perl's Mojolicious, compares what comes back, and prints what is wrong as a JSON list.
# Input: {"urls": [...], "messages": [{"base64", "isText"}]}. Mojolicious compresses with its window carried over, whatever is agreed.

use Mojo::Base -strict;
use Mojo::JSON qw(decode_json encode_json);
use Mojo::UserAgent;
use Mojo::Util qw(b64_decode decode);

my $job = decode_json do { local $/; <STDIN> };
my $agent = Mojo::UserAgent->new(inactivity_timeout => 0, max_response_size => 0);
my @problems;
for my $url (@{$job->{urls}}) {
  my @waiting = @{$job->{messages}};
  my $done = Mojo::Promise->new;
  $agent->websocket($url => {'Sec-WebSocket-Extensions' => 'permessage-deflate'} => sub {
    my ($agent, $tx) = @_;
    unless ($tx->is_websocket) { push @problems, "$url: no handshake"; return $done->resolve }
    push @problems, "$url: no compression was agreed on" unless $tx->compressed;
    $tx->max_websocket_size(16 * 1024 * 1024);
    my $current;
    my $send = sub {
      $current = shift @waiting;
      return $tx->finish unless $current;
      my $bytes = b64_decode $current->{base64};
      $tx->send($current->{isText} ? {text => $bytes} : {binary => $bytes});
    };
    my $compare = sub {
      my ($bytes, $is_text) = @_;
      return if $is_text && $bytes =~ /^\{"sequence":/;
      my $sent = b64_decode $current->{base64};
      push @problems, "$url: @{[length $sent]} bytes: not what was sent" if $bytes ne $sent || !$is_text != !$current->{isText};
      $send->();
    };
    $tx->on(text => sub { $compare->($_[1], 1) });
    $tx->on(binary => sub { $compare->($_[1], 0) });
    $tx->on(finish => sub { push @problems, "$url: closed early" if $current; $done->resolve });
    $send->();
  });
  $done->wait;
}
say encode_json \@problems;
