package io.nioring.consumer.sockets;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** Jedis, at a server that knows SET and GET. */
class JedisTest {
  private static final int CONNECTIONS = 20;
  private static final int LARGE = 500_000;

  private final Map<String, byte[]> values = new ConcurrentHashMap<>();

  @Test
  void valuesAreSetAndRead() throws Exception {
    List<Jedis> clients = new ArrayList<>();
    byte[] large = Payload.ofSize(LARGE);
    try (Wire wire = Wire.watch();
        FakeServer server = new FakeServer(this::speak)) {
      for (int i = 0; i < CONNECTIONS; i++) {
        Jedis client = new Jedis(Loopback.HOST, server.port());
        clients.add(client);
        assertEquals("OK", client.set("key" + i, "no" + i));
      }
      for (int i = 0; i < CONNECTIONS; i++) {
        assertEquals("no" + i, clients.get(CONNECTIONS - 1 - i).get("key" + i));
      }
      clients.get(0).set("large".getBytes(US_ASCII), large);
      assertArrayEquals(large, clients.get(1).get("large".getBytes(US_ASCII)));
      wire.ringsCarried(CONNECTIONS, 2L * LARGE);
      clients.forEach(Jedis::close);
    }
  }

  private void speak(DataInputStream in, DataOutputStream out) throws IOException {
    while (true) {
      int words = length(in, '*');
      List<byte[]> command = new ArrayList<>();
      for (int i = 0; i < words; i++) {
        command.add(in.readNBytes(length(in, '$')));
        in.skipNBytes(2);
      }
      answer(command, out);
      if (in.available() == 0) {
        out.flush();
      }
    }
  }

  private void answer(List<byte[]> command, DataOutputStream out) throws IOException {
    switch (new String(command.get(0), US_ASCII)) {
      case "GET" -> {
        byte[] value = values.get(new String(command.get(1), US_ASCII));
        out.writeBytes("$" + value.length + "\r\n");
        out.write(value);
        out.writeBytes("\r\n");
      }
      case "SET" -> {
        values.put(new String(command.get(1), US_ASCII), command.get(2));
        out.writeBytes("+OK\r\n");
      }
      default -> out.writeBytes("+OK\r\n");
    }
  }

  /** A line with a mark and a number. */
  private static int length(DataInputStream in, char mark) throws IOException {
    StringBuilder line = new StringBuilder();
    for (char next = (char) in.readByte(); next != '\n'; next = (char) in.readByte()) {
      line.append(next);
    }
    if (line.charAt(0) != mark) {
      throw new IOException(mark + " expected in " + line);
    }
    return Integer.parseInt(line.substring(1).trim());
  }
}
