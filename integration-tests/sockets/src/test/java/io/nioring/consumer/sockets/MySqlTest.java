package io.nioring.consumer.sockets;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.nioring.consumer.Loopback;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** MySQL's driver, at a server that knows the start-up and queries as text. */
class MySqlTest {
  private static final int COM_QUIT = 1;
  private static final int COM_QUERY = 3;
  private static final int UTF8 = 45;
  private static final int VAR_STRING = 253;

  /** Long passwords, tables, protocol 4.1, transactions, authentication by a plug-in. */
  private static final int CAPABILITIES = 0x8_0000 | 0xA000 | 0x0200 | 0x000F;

  private static final Pattern VARIABLE = Pattern.compile("@@(?:session\\.)?(\\w+) AS (\\w+)");

  private static final Map<String, String> VARIABLES =
      Map.of(
          "auto_increment_increment", "1",
          "interactive_timeout", "28800",
          "lower_case_table_names", "0",
          "max_allowed_packet", "16777216",
          "net_write_timeout", "60",
          "performance_schema", "0",
          "time_zone", "UTC",
          "system_time_zone", "UTC",
          "transaction_isolation", "REPEATABLE-READ",
          "wait_timeout", "28800");

  @Test
  void queriesAreAnswered() throws Exception {
    try (FakeServer server = new FakeServer((in, out) -> new Session(in, out).speak())) {
      DriverWork.of(
          "jdbc:mysql://" + Loopback.URL_HOST + ":" + server.port() + "/test?sslMode=DISABLED",
          "app",
          "");
    }
  }

  /** One connection. */
  private static final class Session {
    private final DataInputStream in;
    private final DataOutputStream out;
    private int sequence;

    Session(DataInputStream in, DataOutputStream out) {
      this.in = in;
      this.out = out;
    }

    void speak() throws IOException {
      send(greeting());
      receive(); // user and database
      sendOk();
      while (true) {
        byte[] command = receive();
        switch (command[0]) {
          case COM_QUIT -> {
            return;
          }
          case COM_QUERY -> answer(new String(command, 1, command.length - 1, UTF_8));
          default -> sendOk();
        }
      }
    }

    private void answer(String query) throws IOException {
      Matcher variable = VARIABLE.matcher(query);
      if (DriverWork.isQuery(query)) {
        sendRow(List.of("text"), List.of(DriverWork.literal(query)));
      } else if (variable.find()) {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        do {
          names.add(variable.group(2));
          values.add(VARIABLES.getOrDefault(variable.group(1), ""));
        } while (variable.find());
        sendRow(names, values);
      } else {
        sendOk();
      }
    }

    private void sendRow(List<String> names, List<String> values) throws IOException {
      send(new byte[] {(byte) names.size()});
      for (String name : names) {
        send(column(name));
      }
      send(end());
      Packet row = new Packet();
      values.forEach(value -> row.text(value));
      send(row.bytes());
      send(end());
    }

    private void sendOk() throws IOException {
      send(new Packet().number(0, 3).number(2, 2).number(0, 2).bytes());
    }

    private static byte[] end() {
      return new Packet().number(0xFE, 1).number(0, 2).number(2, 2).bytes();
    }

    private static byte[] column(String name) {
      return new Packet()
          .text("def")
          .text("")
          .text("")
          .text("")
          .text(name)
          .text(name)
          .number(12, 1)
          .number(UTF8, 2)
          .number(1_000_000, 4)
          .number(VAR_STRING, 1)
          .number(0, 5)
          .bytes();
    }

    private static byte[] greeting() {
      return new Packet()
          .number(10, 1)
          .raw("8.0.30\0")
          .number(1, 4)
          .raw("12345678\0")
          .number(CAPABILITIES & 0xFFFF, 2)
          .number(UTF8, 1)
          .number(2, 2)
          .number(CAPABILITIES >>> 16, 2)
          .number(21, 1)
          .raw("\0".repeat(10))
          .raw("123456789012\0")
          .raw("mysql_native_password\0")
          .bytes();
    }

    private byte[] receive() throws IOException {
      int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
      sequence = in.readUnsignedByte() + 1;
      out.flush();
      return in.readNBytes(length);
    }

    private void send(byte[] packet) throws IOException {
      out.write(new Packet().number(packet.length, 3).number(sequence++, 1).bytes());
      out.write(packet);
      out.flush();
    }
  }

  /** What is sent: numbers in little-endian order, texts with their length before them. */
  private static final class Packet {
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    Packet number(long value, int size) {
      for (int i = 0; i < size; i++) {
        content.write((int) (value >>> 8 * i));
      }
      return this;
    }

    Packet text(String text) {
      int length = text.length();
      if (length < 251) {
        number(length, 1);
      } else {
        number(0xFD, 1).number(length, 3);
      }
      return raw(text);
    }

    Packet raw(String text) {
      content.writeBytes(text.getBytes(UTF_8));
      return this;
    }

    byte[] bytes() {
      return content.toByteArray();
    }
  }
}
