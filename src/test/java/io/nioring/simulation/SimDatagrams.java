package io.nioring.simulation;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

/** A client's and a server's datagram channels on two hosts, not blocking. */
record SimDatagrams(DatagramChannel client, DatagramChannel server) implements Closeable {
  /** Opens a server at a port, and a client at one that the system chooses. */
  static SimDatagrams open(RingHost from, RingHost to, int port) throws IOException {
    DatagramChannel server = at(to, port);
    DatagramChannel client = at(from, 0);
    return new SimDatagrams(client, server);
  }

  static DatagramChannel at(RingHost host, int port) throws IOException {
    DatagramChannel channel = host.provider().openDatagramChannel();
    channel.configureBlocking(false);
    return channel.bind(new InetSocketAddress(host.address(), port));
  }

  void ask(String text) throws IOException {
    client.send(US_ASCII.encode(text), server.getLocalAddress());
  }

  void answer(String text) throws IOException {
    server.send(US_ASCII.encode(text), client.getLocalAddress());
  }

  /** All that is there, in its order. */
  static List<String> received(DatagramChannel channel) throws IOException {
    List<String> all = new ArrayList<>();
    ByteBuffer buffer = ByteBuffer.allocate(10_000);
    while (channel.receive(buffer.clear()) != null) {
      all.add(US_ASCII.decode(buffer.flip()).toString());
    }
    return all;
  }

  List<String> questions() throws IOException {
    return received(server);
  }

  List<String> answers() throws IOException {
    return received(client);
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
  }
}
