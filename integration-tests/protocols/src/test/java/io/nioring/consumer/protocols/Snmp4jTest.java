package io.nioring.consumer.protocols;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.nioring.consumer.FreePort;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.snmp4j.CommandResponder;
import org.snmp4j.CommandResponderEvent;
import org.snmp4j.CommunityTarget;
import org.snmp4j.MessageException;
import org.snmp4j.PDU;
import org.snmp4j.Snmp;
import org.snmp4j.event.ResponseEvent;
import org.snmp4j.mp.SnmpConstants;
import org.snmp4j.mp.StatusInformation;
import org.snmp4j.smi.Address;
import org.snmp4j.smi.OID;
import org.snmp4j.smi.OctetString;
import org.snmp4j.smi.TcpAddress;
import org.snmp4j.smi.VariableBinding;
import org.snmp4j.transport.DefaultTcpTransportMapping;

/** SNMP over TCP by SNMP4J, an agent and managers with a selector each. */
class Snmp4jTest {
  private static final int MANAGERS = 50;
  private static final int LARGEST = 65_535;

  private final List<Snmp> managers = new ArrayList<>();
  private Wire wire;
  private Snmp agent;
  private CommunityTarget<TcpAddress> target;

  @BeforeEach
  void start() throws IOException {
    wire = Wire.watch();
    TcpAddress address = new TcpAddress(Loopback.address(), FreePort.find());
    agent = new Snmp(new DefaultTcpTransportMapping(address));
    agent.addCommandResponder(new Echo());
    agent.listen();
    target = new CommunityTarget<>(address, new OctetString("public"));
    target.setVersion(SnmpConstants.version2c);
    target.setTimeout(60_000);
    target.setRetries(0);
    target.setMaxSizeRequestPDU(LARGEST);
  }

  @AfterEach
  void stop() throws Exception {
    for (Snmp manager : managers) {
      manager.close();
    }
    agent.close();
    wire.close();
  }

  @Test
  void smallRequests() throws Exception {
    Snmp manager = manager();
    for (int i = 0; i < 300; i++) {
      assertEchoed(manager, ("no" + i).getBytes(StandardCharsets.US_ASCII));
    }
    wire.ringsCarried(1, 2 * 300 * 40);
  }

  @Test
  void largeRequests() throws Exception {
    Snmp manager = manager();
    byte[] body = Payload.ofSize(60_000);
    for (int i = 0; i < 20; i++) {
      assertEchoed(manager, body);
    }
    wire.ringsCarried(1, 2L * 20 * body.length);
  }

  @Test
  void fiftyConnectionsAtOnce() throws Exception {
    byte[] body = Payload.ofSize(1_000);
    for (int i = 0; i < MANAGERS; i++) {
      assertEchoed(manager(), body);
    }
    for (Snmp manager : managers) {
      assertEchoed(manager, body);
    }
    wire.ringsCarried(MANAGERS, 4L * MANAGERS * body.length);
  }

  private Snmp manager() throws IOException {
    Snmp manager = new Snmp(new DefaultTcpTransportMapping());
    managers.add(manager);
    manager.listen();
    return manager;
  }

  private void assertEchoed(Snmp manager, byte[] body) throws IOException {
    PDU request = new PDU();
    request.setType(PDU.GET);
    request.add(new VariableBinding(new OID("1.3.6.1.2.1.1.1.0"), new OctetString(body)));
    ResponseEvent<TcpAddress> event = manager.send(request, target);
    assertNotNull(event.getResponse(), () -> "no response, " + event.getError());
    OctetString echoed = (OctetString) event.getResponse().get(0).getVariable();
    assertArrayEquals(body, echoed.getValue());
  }

  /** Answers each request with its own bindings. */
  private static final class Echo implements CommandResponder {
    @Override
    public <A extends Address> void processPdu(CommandResponderEvent<A> event) {
      PDU response = event.getPDU();
      response.setType(PDU.RESPONSE);
      try {
        event
            .getMessageDispatcher()
            .returnResponsePdu(
                event.getMessageProcessingModel(),
                event.getSecurityModel(),
                event.getSecurityName(),
                event.getSecurityLevel(),
                response,
                LARGEST,
                event.getStateReference(),
                new StatusInformation());
      } catch (MessageException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
